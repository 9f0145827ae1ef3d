-- table audit_chain: the head of each province's chain of events; its row lock orders them
CREATE TABLE audit_chain (
  province_id UUID PRIMARY KEY REFERENCES province (id),
  seq BIGINT NOT NULL,
  hash TEXT NOT NULL
);

-- table audit_event: one event per act, chained by hash; also the outbox, read by sequence number
CREATE TABLE audit_event (
  province_id UUID NOT NULL REFERENCES province (id),
  seq BIGINT NOT NULL,
  id UUID NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  act TEXT NOT NULL,
  account_id UUID,
  post_id UUID,
  role TEXT,
  org_unit_id UUID,
  actor_name TEXT NOT NULL,
  target_kind TEXT NOT NULL,
  target_id UUID NOT NULL,
  proceeding_id UUID,
  scope_org_id UUID, -- the organisation the act concerns, beside the actor's
  path TEXT NOT NULL, -- territory the act concerns
  reason TEXT,
  before JSONB,
  after JSONB,
  request_id TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (province_id, seq)
);
CREATE UNIQUE INDEX audit_event_id ON audit_event (id);
CREATE INDEX audit_event_proceeding ON audit_event (proceeding_id, seq) WHERE proceeding_id IS NOT NULL;
CREATE INDEX audit_event_target ON audit_event (province_id, target_id, seq);
CREATE INDEX audit_event_actor ON audit_event (province_id, account_id, seq);
CREATE INDEX audit_event_org ON audit_event (province_id, org_unit_id, seq);

-- table audit_seal: signed checkpoints of a chain
CREATE TABLE audit_seal (
  province_id UUID NOT NULL REFERENCES province (id),
  seq BIGINT NOT NULL,
  hash TEXT NOT NULL,
  sealed_at TIMESTAMPTZ NOT NULL,
  kid TEXT NOT NULL,
  signature TEXT NOT NULL,
  PRIMARY KEY (province_id, seq)
);

-- only: postgres
CREATE FUNCTION yidan_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION yidan_append_only();
CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE ON audit_seal FOR EACH ROW EXECUTE FUNCTION yidan_append_only();
-- end
-- only: sqlite
CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;
CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;
CREATE TRIGGER audit_seal_no_update BEFORE UPDATE ON audit_seal BEGIN SELECT RAISE(ABORT, 'audit_seal is append-only'); END;
CREATE TRIGGER audit_seal_no_delete BEFORE DELETE ON audit_seal BEGIN SELECT RAISE(ABORT, 'audit_seal is append-only'); END;
-- end

-- table idempotency_key: the answer first given to a command under a caller's key
CREATE TABLE idempotency_key (
  account_id UUID NOT NULL,
  key TEXT NOT NULL,
  province_id UUID NOT NULL,
  command TEXT NOT NULL,
  digest TEXT NOT NULL,
  answer JSONB NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_key_age ON idempotency_key (created_at);

-- table number_sequence: the last number given in a series
CREATE TABLE number_sequence (
  province_id UUID NOT NULL REFERENCES province (id),
  series TEXT NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (province_id, series)
);

-- table work_calendar: published holidays and make-up days of one year; national
CREATE TABLE work_calendar (
  year INTEGER NOT NULL,
  version INTEGER NOT NULL,
  days JSONB NOT NULL,
  source TEXT NOT NULL,
  loaded_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (year, version)
);
