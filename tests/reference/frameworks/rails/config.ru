# Avaamo's live agent changelog: AVAAMO_DATABASE=FILE puma --bind tcp://127.0.0.1:8000 config.ru
# Makes the database, and prints where the paginator is from.

require_relative "application"
require_relative "seed"

puts ChangeLog.method(:paginate).source_location.first
run Application
