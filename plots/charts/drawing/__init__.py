"""What charts share: panels, labels, captions."""
