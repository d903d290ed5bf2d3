"""Consortia of many challenges that share organisations and money: column generation."""
