"""What a backend is, says of itself and lacks, and the one layer through which it is asked."""
