"""Sheets of paper: what students work by, what the teacher has beside, and a card for each."""
