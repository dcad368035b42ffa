-- VictorOps messages of one alarm each, over the paths of all sources. Wants PATHS.

local endings = {}
for host = 1, HOSTS do
  endings[host] = string.format('","entity_display_name":"DiskFull on web-%03d","message_type":"CRITICAL",'
    .. '"monitoring_tool":"bench","state_message":"93 %% of /var is used, and it grows by 1 %% an hour",'
    .. '"instance":"web-%03d:9100"}', host, host)
end

local turn = 0
function request()
  turn = turn + 1
  return post(PATHS[turn % #PATHS + 1], "", '{"entity_id":"' .. key() .. endings[turn % HOSTS + 1])
end
