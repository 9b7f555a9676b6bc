"""Other ways of calling the function: on parts of arrays, into given memory, recorded, again, in a thread."""
