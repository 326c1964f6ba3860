"""What outlives the process: snapshots and a journal."""
