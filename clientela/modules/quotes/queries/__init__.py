"""Reading calculations, and what is known for them."""
