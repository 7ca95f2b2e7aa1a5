-- The store that several nodes share, in a schema of its own, so that it can live beside other tables.
-- Times are microseconds since 1970-01-01 UTC by the database's clock. Nodes need no more than
--   GRANT USAGE ON SCHEMA banter TO role;
--   GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA banter TO role;
-- if another role runs the migrations.
CREATE SCHEMA IF NOT EXISTS banter;

-- epoch, life: see banter.epoch(). compatible_from: the first schema whose programs work with this one
-- too; a migration that older nodes cannot live with raises it.
CREATE TABLE banter.meta (
  key   text PRIMARY KEY,
  value text NOT NULL
);
INSERT INTO banter.meta VALUES ('compatible_from', '1');

CREATE TABLE banter.migrations (
  number     integer PRIMARY KEY,
  name       text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE banter.accounts (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email         text COLLATE "C" NOT NULL UNIQUE,  -- by its bytes
  first_name    text NOT NULL,
  last_name     text NOT NULL,
  password_hash text NOT NULL,
  active        boolean NOT NULL DEFAULT true,
  created_at    bigint NOT NULL,
  last_login_at bigint
);

-- last_seq changes with every append: room for the new version of the row on its own page keeps the
-- primary key's index untouched.
CREATE TABLE banter.conversations (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  created_at bigint NOT NULL,
  first_seq  bigint NOT NULL DEFAULT 1 CHECK (first_seq >= 1),
  last_seq   bigint NOT NULL DEFAULT 0 CHECK (last_seq >= first_seq - 1)
) WITH (fillfactor = 50);

CREATE TABLE banter.members (
  conversation bigint NOT NULL REFERENCES banter.conversations (id),
  member       bigint NOT NULL REFERENCES banter.accounts (id),
  joined_at    bigint NOT NULL,
  PRIMARY KEY (conversation, member)
);
CREATE INDEX members_by_member ON banter.members (member, conversation);

-- The logs. No foreign keys: authors may be deleted, and the conversation of a member exists. Payloads
-- are bytes, because a text may hold NUL.
CREATE TABLE banter.events (
  conversation bigint NOT NULL,
  seq          bigint NOT NULL,
  author       bigint NOT NULL,
  at           bigint NOT NULL,
  kind         smallint NOT NULL,
  client_id    text COLLATE "C",  -- NULL: the send had none
  payload      bytea NOT NULL,
  PRIMARY KEY (conversation, seq)
);
CREATE UNIQUE INDEX events_by_client_id ON banter.events (conversation, author, client_id)
  WHERE client_id IS NOT NULL;

-- What other nodes have to hear. Rows commit in another order than they are numbered in, so readers go
-- by the transaction that wrote them.
CREATE TABLE banter.notices (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid          bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
  at           timestamptz NOT NULL DEFAULT clock_timestamp(),
  kind         smallint NOT NULL,  -- 0 account changed, 1 member added, 2 member removed
  account      bigint NOT NULL,
  conversation bigint NOT NULL
);
CREATE INDEX notices_by_xid ON banter.notices (xid);
CREATE INDEX notices_by_at ON banter.notices (at);

-- Who serves from this store, and fingerprints of the signing keys he believes.
CREATE TABLE banter.nodes (
  id      text PRIMARY KEY,
  version text NOT NULL,
  keys    text[] NOT NULL,
  seen_at timestamptz NOT NULL
);

CREATE FUNCTION banter.micros() RETURNS bigint
LANGUAGE sql VOLATILE AS
$$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;

-- The one write. Status of each event: 0 stored, 1 duplicate, 2 conflict, 3 forbidden; in the order of
-- the arrays. The locks are taken in the order of ids, so that calls never wait for each other in a
-- ring, and are held until the commit: whoever numbers next sees what was numbered before. That they
-- write WAL even if nothing is inserted makes the commit of a repeated call wait for replication again.
CREATE FUNCTION banter.append(
  conversations bigint[], authors bigint[], kinds smallint[], client_ids text[], payloads bytea[],
  OUT statuses smallint[], OUT seqs bigint[], OUT ats bigint[])
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  stamp bigint;
BEGIN
  PERFORM 1 FROM banter.conversations c WHERE c.id = ANY (append.conversations)
    ORDER BY c.id FOR NO KEY UPDATE;
  stamp := banter.micros();
  WITH input AS MATERIALIZED (
    SELECT i.*, min(i.place) FILTER (WHERE i.client_id IS NOT NULL)
                  OVER (PARTITION BY i.conversation, i.author, i.client_id) AS first_place
    FROM unnest(append.conversations, append.authors, append.kinds, append.client_ids,
                append.payloads) WITH ORDINALITY
         AS i (conversation, author, kind, client_id, payload, place)
  ), judged AS MATERIALIZED (
    SELECT i.place, i.conversation, i.author, i.kind, i.client_id, i.payload, i.first_place,
           m.member IS NOT NULL AS allowed, e.seq AS old_seq, e.at AS old_at,
           e.kind = i.kind AND e.payload = i.payload AS same
    FROM input i
    LEFT JOIN banter.members m ON m.conversation = i.conversation AND m.member = i.author
    LEFT JOIN banter.events e ON e.conversation = i.conversation AND e.author = i.author
                             AND e.client_id = i.client_id
  ), fresh AS MATERIALIZED (
    SELECT j.place, j.conversation, j.author, j.kind, j.client_id, j.payload,
           c.last_seq + row_number() OVER (PARTITION BY j.conversation ORDER BY j.place) AS seq
    FROM judged j JOIN banter.conversations c ON c.id = j.conversation
    WHERE j.allowed AND j.old_seq IS NULL AND (j.client_id IS NULL OR j.place = j.first_place)
  ), inserted AS (
    INSERT INTO banter.events (conversation, seq, author, at, kind, client_id, payload)
    SELECT f.conversation, f.seq, f.author, stamp, f.kind, f.client_id, f.payload FROM fresh f
  ), advanced AS (
    UPDATE banter.conversations c SET last_seq = n.last_seq
    FROM (SELECT f.conversation, max(f.seq) AS last_seq FROM fresh f GROUP BY 1) n
    WHERE c.id = n.conversation
  )
  SELECT array_agg((CASE WHEN NOT j.allowed THEN 3
                         WHEN j.old_seq IS NOT NULL THEN CASE WHEN j.same THEN 1 ELSE 2 END
                         WHEN f.seq IS NOT NULL THEN 0
                         WHEN t.kind = j.kind AND t.payload = j.payload THEN 1
                         ELSE 2 END)::smallint ORDER BY j.place),
         array_agg(coalesce(j.old_seq, f.seq, t.seq, 0) ORDER BY j.place),
         array_agg(coalesce(j.old_at, stamp) ORDER BY j.place)
  INTO statuses, seqs, ats
  FROM judged j
  LEFT JOIN fresh f ON f.place = j.place
  LEFT JOIN fresh t ON t.place = j.first_place;
END $$;

CREATE FUNCTION banter.tell(kind smallint, account bigint, conversation bigint) RETURNS void
LANGUAGE sql VOLATILE AS $$
  DELETE FROM banter.notices n WHERE n.at < clock_timestamp() - interval '1 day';
  INSERT INTO banter.notices (kind, account, conversation)
    VALUES (tell.kind, tell.account, tell.conversation);
$$;

-- id, or the first of the accounts that does not exist.
CREATE FUNCTION banter.create_conversation(creator bigint, others bigint[], OUT id bigint,
                                           OUT missing bigint)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  everybody CONSTANT bigint[] := creator || others;
BEGIN
  PERFORM 1 FROM banter.accounts a WHERE a.id = ANY (everybody) ORDER BY a.id FOR KEY SHARE;
  SELECT e.id INTO missing FROM unnest(everybody) WITH ORDINALITY AS e (id, place)
    WHERE NOT EXISTS (SELECT 1 FROM banter.accounts a WHERE a.id = e.id) ORDER BY e.place LIMIT 1;
  IF missing IS NOT NULL THEN RETURN; END IF;
  INSERT INTO banter.conversations AS c (created_at) VALUES (banter.micros()) RETURNING c.id INTO id;
  INSERT INTO banter.members (conversation, member, joined_at)
    SELECT create_conversation.id, e.id, banter.micros()
    FROM (SELECT DISTINCT unnest(everybody)) AS e (id);
END $$;

-- 0 done, 1 no change, 2 no such account, 3 no such conversation. The row of the conversation is
-- locked as append() locks it: what was appended before a removal is before it for everybody.
CREATE FUNCTION banter.change_member(conversation bigint, account bigint, adds boolean)
RETURNS smallint
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM 1 FROM banter.conversations c WHERE c.id = change_member.conversation FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN 3; END IF;
  PERFORM 1 FROM banter.accounts a WHERE a.id = account FOR KEY SHARE;
  IF NOT FOUND THEN RETURN 2; END IF;
  IF adds THEN
    INSERT INTO banter.members (conversation, member, joined_at)
      VALUES (change_member.conversation, account, banter.micros()) ON CONFLICT DO NOTHING;
  ELSE
    DELETE FROM banter.members m
      WHERE m.conversation = change_member.conversation AND m.member = account;
  END IF;
  IF NOT FOUND THEN RETURN 1; END IF;
  PERFORM banter.tell((CASE WHEN adds THEN 1 ELSE 2 END)::smallint, account,
                      change_member.conversation);
  RETURN 0;
END $$;

-- NULL: the e-mail is taken. Of several at once one wins, and the others use up no number.
CREATE FUNCTION banter.create_account(email text, first_name text, last_name text,
                                      password_hash text) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  created bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(create_account.email, 0));
  PERFORM 1 FROM banter.accounts a WHERE a.email = create_account.email COLLATE "C";
  IF FOUND THEN RETURN NULL; END IF;
  INSERT INTO banter.accounts AS a (email, first_name, last_name, password_hash, created_at)
    VALUES (create_account.email, create_account.first_name, create_account.last_name,
            create_account.password_hash, banter.micros())
    RETURNING a.id INTO created;
  RETURN created;
END $$;

CREATE FUNCTION banter.set_active(account bigint, active boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE banter.accounts a SET active = set_active.active WHERE a.id = account;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM banter.tell(0::smallint, account, 0);
  RETURN true;
END $$;

-- What the account wrote stays, under its number.
CREATE FUNCTION banter.delete_account(account bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM 1 FROM banter.conversations c
    WHERE c.id IN (SELECT m.conversation FROM banter.members m WHERE m.member = account)
    ORDER BY c.id FOR NO KEY UPDATE;
  DELETE FROM banter.members m WHERE m.member = account;
  DELETE FROM banter.accounts a WHERE a.id = account;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM banter.tell(0::smallint, account, 0);
  RETURN true;
END $$;

-- A node enters, or is seen again. The answer is a node of these days that believes none of its keys;
-- then it has not entered. Of two that come at once, one is first.
CREATE FUNCTION banter.enter(node text, node_version text, node_keys text[]) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  stranger text;
BEGIN
  PERFORM pg_advisory_xact_lock(1111576148, 2);
  SELECT n.id INTO stranger FROM banter.nodes n
    WHERE n.id <> node AND n.seen_at > clock_timestamp() - interval '15 seconds'
      AND NOT n.keys && node_keys LIMIT 1;
  IF stranger IS NOT NULL THEN RETURN stranger; END IF;
  DELETE FROM banter.nodes n WHERE n.seen_at < clock_timestamp() - interval '1 hour';
  INSERT INTO banter.nodes AS n (id, version, keys, seen_at)
    VALUES (node, node_version, node_keys, clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, keys = excluded.keys,
                                   seen_at = excluded.seen_at;
  RETURN NULL;
END $$;

-- What another life of these logs would differ in: another cluster, a promoted standby or a rewound
-- one (timeline), another database, tables that were made anew.
CREATE FUNCTION banter.life() RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
                   left(pg_walfile_name(pg_current_wal_lsn()), 8),
                   (SELECT oid FROM pg_database WHERE datname = current_database()),
                   'banter.events'::regclass::oid)
$$;

-- Names this life of the logs; a new one is named by whoever finds it first.
CREATE FUNCTION banter.epoch() RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  here CONSTANT text := banter.life();
BEGIN
  IF here IS DISTINCT FROM (SELECT value FROM banter.meta WHERE key = 'life') THEN
    PERFORM pg_advisory_xact_lock(1111576148, 3);
    IF here IS DISTINCT FROM (SELECT value FROM banter.meta WHERE key = 'life') THEN
      INSERT INTO banter.meta AS m (key, value)
        VALUES ('life', here), ('epoch', replace(gen_random_uuid()::text, '-', ''))
        ON CONFLICT (key) DO UPDATE SET value = excluded.value;
    END IF;
  END IF;
  RETURN (SELECT value FROM banter.meta WHERE key = 'epoch');
END $$;
