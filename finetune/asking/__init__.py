"""How the question encoder learns: questions with the pages that answer them, and the loop over them."""
