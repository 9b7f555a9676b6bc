"""The zoo: faulty backends as data and a function each, for the tests of every check."""
