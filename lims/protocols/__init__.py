"""What a laboratory promises to do: published, versioned, hashed documents, never edited."""
