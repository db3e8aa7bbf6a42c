"""Who works where: organisations, sites, members, their duties and competences, sessions, keys."""
