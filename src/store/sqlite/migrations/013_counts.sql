-- Whoever inserts a key counts it (`sqlite/keys`). A statement that sets off a trigger keeps a copy of every page
-- that it touches, so that it can be undone by itself: with the pages of ten indexes a quarter of a creation.
DROP TRIGGER counted_key;
