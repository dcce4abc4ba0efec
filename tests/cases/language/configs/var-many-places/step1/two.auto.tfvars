d = "two"
unused = 1
