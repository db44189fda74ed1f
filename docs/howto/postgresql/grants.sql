-- After each migration, by the owner: psql -f grants.sql tidewaiter
-- The service may add to every table, and change only what no trigger keeps: evidence is append-only for it.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM tidewaiter;
DO $$
DECLARE
    each record;
BEGIN
    FOR each IN
        SELECT c.oid::regclass AS name,
               EXISTS (SELECT FROM pg_trigger g
                       WHERE g.tgrelid = c.oid AND g.tgname = c.relname || '_refuse_update') AS kept
        FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'
    LOOP
        EXECUTE format('GRANT SELECT, INSERT ON %s TO tidewaiter', each.name);
        IF NOT each.kept THEN
            EXECUTE format('GRANT UPDATE, DELETE ON %s TO tidewaiter', each.name);
        END IF;
    END LOOP;
END
$$;
GRANT SELECT ON alembic_version TO tidewaiter;
-- A result that waited for its declaration waits no more.
GRANT UPDATE (parked) ON control_result TO tidewaiter;
-- What an act of erasure replaces. The triggers let a row through once and with its act; an act that is not in the
-- ledger is found by `tidewaiter verify`. Without these lines the service cannot erase.
GRANT UPDATE (answer, body_sha256, erased_by) ON message TO tidewaiter;
GRANT UPDATE (body, body_sha256, erased_by) ON declaration_version TO tidewaiter;
GRANT UPDATE (body, body_sha256, salt, erased_by) ON control_result TO tidewaiter;
GRANT UPDATE (evidence, inputs, answer, consignment_key, erased_by) ON decision TO tidewaiter;
GRANT UPDATE (body, erased_by) ON ledger_leaf TO tidewaiter;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO tidewaiter;
