# A Rails application in one file: Avaamo's live agent changelog, as its document describes it.

ENV["RAILS_ENV"] ||= "production"

require "logger"
require "rails"
require "active_record/railtie"
require "action_controller/railtie"
require "will_paginate"

ENV["DATABASE_URL"] = "sqlite3:#{ENV.fetch("AVAAMO_DATABASE")}"

class Application < Rails::Application
  config.root = __dir__
  config.load_defaults 6.1
  config.api_only = true
  config.eager_load = false
  config.secret_key_base = "0" * 64
  config.consider_all_requests_local = false
  config.hosts.clear
  config.logger = Logger.new($stderr)
  config.log_level = :fatal
end

Application.initialize!

class User < ActiveRecord::Base
end

class ChangeLog < ActiveRecord::Base
  self.per_page = 25
  self.inheritance_column = nil
  belongs_to :dashboard_user, class_name: "User"

  def as_json(*)
    {
      id: id,
      resource: { id: resource_id, type: resource_type },
      action: action,
      changelog: changelog,
      timestamp: created_at.to_i,
      dashboard_user: dashboard_user.as_json(only: [:id, :display_name, :email])
    }
  end
end

class ChangeLogsController < ActionController::API
  MAXIMUM = 100

  before_action :authenticate

  def index
    logs = select_logs.order(created_at: :desc, id: :desc).includes(:dashboard_user)
                      .paginate(page: params[:page].presence, per_page: per_page)
    render json: {
      current_page: logs.current_page,
      per_page: logs.per_page,
      total_entries: logs.total_entries,
      total_pages: logs.total_pages,
      time_token: Time.now.to_f,
      entries: logs
    }
  end

  private

  def authenticate
    token = request.headers["access-token"]
    @user = User.find_by(access_token: token) if token.present?
    render json: { error: "Invalid access token" }, status: :unauthorized unless @user
  end

  def per_page
    wanted = params[:per_page].to_s.to_i
    wanted.positive? ? [wanted, MAXIMUM].min : ChangeLog.per_page
  end

  def select_logs
    logs = ChangeLog.where(created_at: ..read_time(:end_time, Time.now))
    logs = logs.where(created_at: read_time(:start_time)..) if params[:start_time].present?
    logs = logs.where(action: params[:actions].to_s.split(",").map(&:strip)) if params[:actions].present?
    logs
  end

  # Milliseconds since 1970.
  def read_time(name, default = Time.at(0))
    params[name].present? ? Time.at(params[name].to_s.to_i / 1000r) : default
  end
end

Application.routes.draw do
  get "/api/v1/cap/change_logs", to: "change_logs#index"
end
