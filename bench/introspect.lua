-- POST /oauth/introspect of one token. Arguments: the value of Authorization, the token's file.
package.path = package.path .. ";bench/?.lua"
local load = require("load")
done = load.done

function init(arguments)
  wrk.method = "POST"
  wrk.headers["Authorization"] = arguments[1]
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  wrk.body = "token=" .. io.lines(arguments[2])()
end
