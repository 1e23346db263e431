-- sysbench behind the line protocol of ../client-program.ts: opens, asks and closes as it is told, and says what a script of
-- its own sees. Where it logs in stands on its command line, so `connect` takes no words but the key. Its answers go to
-- descriptor 3, since sysbench itself talks on the first.
--
-- It must never know what a statement does, nor catch what sysbench means its script to see.
local ffi = require("ffi")
ffi.cdef("long write(int, const char *, unsigned long);")
local ANSWERS = 3
local connections = {}
local statements = {}

local function text(value)
  if value == nil then return "null" end
  local quoted = value:gsub('[%c"\\]', function(it) return string.format("\\u%04x", it:byte()) end)
  return '"' .. quoted .. '"'
end

local function rows_of(result)
  local rows = {}
  for _ = 1, tonumber(result.nrows) do
    local row = result:fetch_row()
    local cells = {}
    for index = 1, tonumber(result.nfields) do cells[index] = text(row[index]) end
    rows[#rows + 1] = "[" .. table.concat(cells, ",") .. "]"
  end
  result:free()
  return '"rows":[' .. table.concat(rows, ",") .. "]"
end

local verbs = {}

function verbs.connect(key)
  connections[key] = sysbench.sql.driver():connect()
  statements[key] = {}
  return ""
end

function verbs.query(key, sql)
  local result = connections[key]:query(sql)
  if result == nil or result.nfields == 0 then return '"rows":[]' end
  return rows_of(result)
end

-- Prepared by the protocol, when it is first asked for. sysbench counts the rows and reads none.
function verbs.execute(key, sql, ...)
  local statement = statements[key][sql]
  if statement == nil then
    statement = connections[key]:prepare(sql)
    statements[key][sql] = statement
  end
  local parameters = {}
  for index, value in ipairs({ ... }) do
    parameters[index] = statement:bind_create(sysbench.sql.type.VARCHAR, #value)
    parameters[index]:set(value ~= "\\N" and value or nil)
  end
  statement:bind_param(unpack(parameters))
  local result = statement:execute()
  return '"rows":[["' .. (result == nil and 0 or tonumber(result.nrows)) .. '"]]'
end

-- It has no digest: a row must be one letter again and again, and the letters go through the alphabet. How many are so, and
-- how long they are together.
function verbs.large(key, sql)
  local result = connections[key]:query(sql)
  local count, length = 0, 0
  for index = 1, tonumber(result.nrows) do
    local value = result:fetch_row()[1]
    if value == string.rep(string.char(97 + index % 26), #value) then count, length = count + 1, length + #value end
  end
  result:free()
  return string.format('"rows":[["%d","%d"]]', count, length)
end

function verbs.has(key, call)
  local fine, found = pcall(function() return connections[key][call] end)
  return '"rows":[["' .. (fine and found ~= nil and "yes" or "no") .. '"]]'
end

function verbs.close(key)
  local connection = connections[key]
  statements[key] = nil
  connections[key] = nil
  if connection ~= nil then connection:disconnect() end
  return ""
end

local function seen(key, why)
  local connection = connections[key]
  local errno, state = "null", nil
  if connection ~= nil then
    errno, state = tostring(tonumber(connection.sql_errno)), ffi.string(connection.sql_state)
  end
  local message = type(why) == "table" and why.sql_errmsg or tostring(why)
  return '"error":{"class":"error","errno":' .. errno .. ',"sqlState":' .. text(state) .. ',"message":' .. text(message) .. "}"
end

function event()
  for line in io.lines() do
    local words = {}
    for word in (line .. "\t"):gmatch("([^\t]*)\t") do words[#words + 1] = word end
    local verb, key = words[1], words[2]
    local fine, answer = pcall(verbs[verb], key, unpack(words, 3))
    if not fine then answer = seen(key, answer) end
    local said = '{"session":null' .. (answer == "" and "" or "," .. answer) .. "}\n"
    ffi.C.write(ANSWERS, said, #said)
  end
  os.exit(0)
end
