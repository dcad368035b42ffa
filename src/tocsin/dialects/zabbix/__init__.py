"""Zabbix's media type of Cloudforet: a JSON document of macros."""
