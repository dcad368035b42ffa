-- The newest 50 events of a severity. Wants TOKEN.

wrk.headers["Authorization"] = "Bearer " .. TOKEN
wrk.path = "/api/v1/events?q=severity:critical&limit=50"
