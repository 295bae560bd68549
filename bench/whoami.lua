-- GET /whoami with one credential, so that every request but the first finds it known. Arguments: the name of the field that
-- it goes in, and the file with the field's value.
package.path = package.path .. ";bench/?.lua"
local load = require("load")
done = load.done

function init(arguments)
  wrk.headers[arguments[1]] = io.lines(arguments[2])()
end
