"""Naver Cloud's Cloud Insight and its integration webhook."""
