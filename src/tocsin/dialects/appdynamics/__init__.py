"""AppDynamics's HTTP request template of Cloudforet."""
