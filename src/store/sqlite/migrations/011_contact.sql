-- Whom a key's holder may ask; null for nobody who is named.
ALTER TABLE projects ADD COLUMN contact TEXT;
