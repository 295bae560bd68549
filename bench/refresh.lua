-- POST /oauth/token with a refresh token, each time with the one that an answer before gave. Arguments: the file of
-- `client_id<TAB>client_secret<TAB>refresh_token` lines, and how many of them this run may use: no other run finds them there.
package.path = package.path .. ";bench/?.lua"
local load = require("load")
done = load.done

local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
local client = ""
local tokens = {}

function init(arguments)
  local left = {}
  local count = tonumber(arguments[2])
  for line in io.lines(arguments[1]) do
    local id, secret, token = line:match("^(%S+)\t(%S+)\t(%S+)$")
    if #tokens < count then
      client = "grant_type=refresh_token&client_id=" .. id .. "&client_secret=" .. secret .. "&refresh_token="
      tokens[#tokens + 1] = token
    else
      left[#left + 1] = line
    end
  end
  local file = assert(io.open(arguments[1], "w"))
  file:write(table.concat(left, "\n"), "\n")
  file:close()
end

function request()
  return wrk.format("POST", nil, headers, client .. table.remove(tokens))
end

function response(status, _, body)
  tokens[#tokens + 1] = body:match('"refresh_token":"([^"]+)"')
end
