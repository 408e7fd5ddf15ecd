# Makes the tables and fills them.

ActiveRecord::Schema.verbose = false
ActiveRecord::Schema.define do
  create_table :users do |t|
    t.string :display_name
    t.string :email
    t.string :access_token, index: { unique: true }
  end
  create_table :change_logs do |t|
    t.integer :resource_id
    t.string :resource_type
    t.string :action
    t.string :changelog
    t.references :dashboard_user
    t.datetime :created_at, precision: 6, index: true
  end
end

USERS = [
  [739, "Donna Miller", "donna@avaamo.com", "avaamo-reference-token"],
  [740, "سارة القحطاني", "sara@avaamo.com", "another-reference-token"],
  [741, "Omar Haddad", "omar@avaamo.com", "a-third-reference-token"],
].freeze
User.insert_all(USERS.map { |id, name, email, token| { id: id, display_name: name, email: email, access_token: token } })

CHANGES = [
  ["update", "User", "%{who} updated User %{who} status from 'offline' to 'active"],
  ["create", "Team", "%{who} created Team 'الدعم الفني'"],
  ["update", "Routing rule", "%{who} updated Routing rule 'VIP' priority from '2' to '1'"],
  ["create", "Quick response", "%{who} created Quick response 'مرحبا'"],
  ["destroy", "Quick response", "%{who} deleted Quick response 'Hello'"],
].freeze
now = Time.at(Time.now.to_i)
rows = (0...73).map do |number|
  action, type, text = CHANGES[number % CHANGES.size]
  id, name = USERS[number % USERS.size]
  {
    id: 2202500 + number, resource_id: type == "User" ? id : 100 + number % 7, resource_type: type, action: action,
    changelog: format(text, who: name), dashboard_user_id: id, created_at: now - (73 - number) * 3600
  }
end
# The entry of the document's sample, and two that are older.
(0...3).each do |number|
  rows << {
    id: 2202442 - number, resource_id: 739, resource_type: "User", action: "update", dashboard_user_id: 739,
    changelog: "Donna Miller updated User Donna Miller status from 'offline' to 'active",
    created_at: Time.at(1699264790 - number * 3600)
  }
end
ChangeLog.insert_all(rows)
