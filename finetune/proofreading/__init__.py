"""How the proofreader learns: sentences and their twins beside a passage, and the loop over them."""
