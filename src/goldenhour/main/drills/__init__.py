"""`goldenhour drill NAME`: the product's own test tool. Each drill can be turned red by --plant."""
