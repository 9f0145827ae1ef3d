-- table webhook_endpoint: where an organisation, or a whole province, wants to be told what happens
CREATE TABLE webhook_endpoint (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL REFERENCES province (id),
  org_unit_id UUID REFERENCES org_unit (id), -- none: the whole province
  path TEXT NOT NULL, -- territory of the organisation, or of the province
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  acts JSONB, -- the acts it wants to hear of; none: all there are
  secret BYTEA NOT NULL, -- sealed
  old_secret BYTEA, -- sealed; signs as well until old_secret_until
  old_secret_until TIMESTAMPTZ,
  state TEXT NOT NULL,
  disabled_because TEXT,
  seen_seq BIGINT NOT NULL, -- the last event of the chain that was looked at for it
  last_number BIGINT NOT NULL, -- the number of its last delivery
  failures INTEGER NOT NULL, -- attempts that failed since the last one that did not
  failing_since TIMESTAMPTZ,
  rest_until TIMESTAMPTZ, -- nothing is attempted before
  created_by UUID NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  revision INTEGER NOT NULL
);
CREATE INDEX webhook_endpoint_province ON webhook_endpoint (province_id, org_unit_id, id);

-- table webhook_delivery: one message for one endpoint, as it is sent at each attempt
CREATE TABLE webhook_delivery (
  id UUID PRIMARY KEY,
  endpoint_id UUID NOT NULL REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
  province_id UUID NOT NULL REFERENCES province (id),
  number BIGINT NOT NULL, -- within the endpoint, without gaps
  event_seq BIGINT, -- none: a test
  act TEXT,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL, -- in all
  tries INTEGER NOT NULL, -- since it was made, or sent again by hand
  next_at TIMESTAMPTZ, -- only while it is pending
  lease UUID, -- which courier has it in hand
  lease_until TIMESTAMPTZ,
  created_at TIMESTAMPTZ NOT NULL,
  finished_at TIMESTAMPTZ,
  UNIQUE (endpoint_id, number),
  UNIQUE (endpoint_id, event_seq)
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, next_at) WHERE state = 'PENDING';
CREATE INDEX webhook_delivery_failed ON webhook_delivery (endpoint_id, finished_at) WHERE state = 'FAILED';
CREATE INDEX webhook_delivery_age ON webhook_delivery (finished_at) WHERE finished_at IS NOT NULL;

-- table webhook_attempt: what came of each attempt
CREATE TABLE webhook_attempt (
  delivery_id UUID NOT NULL REFERENCES webhook_delivery (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  province_id UUID NOT NULL REFERENCES province (id),
  at TIMESTAMPTZ NOT NULL,
  outcome TEXT NOT NULL,
  status INTEGER, -- HTTP status, where there was an answer
  millis INTEGER NOT NULL,
  answer TEXT, -- how the answer begins
  PRIMARY KEY (delivery_id, number)
);
