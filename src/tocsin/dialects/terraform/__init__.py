"""Terraform Cloud's notifications."""
