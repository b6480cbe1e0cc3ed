-- What the filters of the audit log walk. Times never go back from one event to the next, so that the
-- events of a time are those between two numbers.
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_of_action ON audit (action, n);
CREATE INDEX audit_of_actor ON audit (actor_id, n);
CREATE INDEX audit_of_actor_name ON audit (actor_name, n);
CREATE INDEX audit_of_target_name ON audit (target_name, n);
