"""What is measured, and how: the packs of `make eval`, the speed of `make bench`, the engines that were compared."""
