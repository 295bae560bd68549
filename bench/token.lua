-- POST /oauth/token as a form, by another client each time. Arguments: the file of clients, the audience, the scope,
-- and how the parameter is called that names the audience, if not that.
package.path = package.path .. ";bench/?.lua"
local load = require("load")
done = load.done

local STRIDE = 7919 -- prime, so that neighbours in the table are not asked for one after another
local requests = {}
local at = 0

local function escape(value)
  return (value:gsub("[^%w_.-]", function(c) return string.format("%%%02X", string.byte(c)) end))
end

function init(arguments)
  local rest = "&grant_type=client_credentials&" .. (arguments[4] or "audience") .. "=" .. escape(arguments[2]) .. "&scope=" .. escape(arguments[3])
  local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
  for line in io.lines(arguments[1]) do
    local id, secret = line:match("^(%S+)\t(%S+)$")
    requests[#requests + 1] = wrk.format("POST", nil, headers, "client_id=" .. id .. "&client_secret=" .. secret .. rest)
  end
end

function request()
  at = (at + STRIDE) % #requests
  return requests[at + 1]
end
