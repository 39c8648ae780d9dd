"""What an event asks for; pure decisions."""
