-- Holds the place of account secrets, which are made beside this, until both are merged.
SELECT 1;
