-- table account: a person who may log in; the password hash carries its own parameters
CREATE TABLE account (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL REFERENCES province (id),
  username TEXT NOT NULL,
  display_name TEXT NOT NULL,
  home_org_id UUID NOT NULL,
  password_hash TEXT NOT NULL,
  must_change_password BOOLEAN NOT NULL,
  failed_logins INTEGER NOT NULL,
  locked_until TIMESTAMPTZ,
  disabled_at TIMESTAMPTZ,
  created_at TIMESTAMPTZ NOT NULL,
  revision INTEGER NOT NULL,
  FOREIGN KEY (home_org_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE UNIQUE INDEX account_username ON account (province_id, username);
CREATE INDEX account_org ON account (province_id, home_org_id, id);

-- table post: one role of one person in one organisation
CREATE TABLE post (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL,
  account_id UUID NOT NULL REFERENCES account (id),
  org_unit_id UUID NOT NULL,
  role TEXT NOT NULL,
  position_id UUID REFERENCES position (id),
  valid_from TIMESTAMPTZ NOT NULL,
  ended_at TIMESTAMPTZ,
  revision INTEGER NOT NULL,
  FOREIGN KEY (org_unit_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE UNIQUE INDEX post_once ON post (account_id, org_unit_id, role) WHERE ended_at IS NULL;
CREATE INDEX post_org ON post (org_unit_id, role);

-- table session: one log-in of one account; everything it may do is read from here on each request
CREATE TABLE session (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL,
  account_id UUID NOT NULL REFERENCES account (id),
  post_id UUID NOT NULL REFERENCES post (id),
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  refreshed_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL,
  revoked_at TIMESTAMPTZ,
  revoked_for TEXT
);
CREATE INDEX session_account ON session (account_id, id);

-- table refresh_token: single-use tokens of a session; only their SHA-256 is kept
CREATE TABLE refresh_token (
  hash TEXT PRIMARY KEY,
  session_id UUID NOT NULL REFERENCES session (id),
  issued_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL,
  used_at TIMESTAMPTZ,
  successor_hash TEXT
);
CREATE INDEX refresh_token_session ON refresh_token (session_id);

-- table login_throttle: failed log-ins per address; the address is stored as a keyed hash
CREATE TABLE login_throttle (
  address_hash TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,
  blocked_until TIMESTAMPTZ,
  last_failure_at TIMESTAMPTZ NOT NULL
);

-- table signing_key: keys of the access tokens and the evidence seals; the private part is sealed with the deployment's secret
CREATE TABLE signing_key (
  kid TEXT PRIMARY KEY,
  public_key BYTEA NOT NULL,
  sealed_private_key BYTEA NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  retired_at TIMESTAMPTZ
);
