pools = [
  { name = "small" },
  { name = "big", size = 9, taints = ["gpu", "spot"], disk = { gib = 80 } },
]
