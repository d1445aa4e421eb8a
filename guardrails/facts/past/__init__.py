"""What was: every move of production that its reflogs remember, who let it happen, and what a person has settled."""
