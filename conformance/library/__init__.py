"""What is offered to other people's code: a bare function is put the suite's questions, in this process."""
