-- Once, by an administrator of the server: psql -f database.sql postgres
-- Give both roles a password (\password NAME), or let the server know them by the user of the system.
CREATE ROLE tidewaiter_owner LOGIN;
CREATE ROLE tidewaiter LOGIN;
CREATE DATABASE tidewaiter OWNER tidewaiter_owner ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;
REVOKE CONNECT, TEMPORARY ON DATABASE tidewaiter FROM PUBLIC;
GRANT CONNECT ON DATABASE tidewaiter TO tidewaiter;
