-- table external_identity: whom an identity provider of a province means by a subject
CREATE TABLE external_identity (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL REFERENCES province (id),
  account_id UUID NOT NULL REFERENCES account (id),
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  linked_at TIMESTAMPTZ NOT NULL,
  -- Who was unlinked by an administrator is linked again by an administrator only.
  unlinked_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX external_identity_subject ON external_identity (province_id, issuer, subject) WHERE unlinked_at IS NULL;
CREATE UNIQUE INDEX external_identity_account ON external_identity (account_id, issuer) WHERE unlinked_at IS NULL;
CREATE INDEX external_identity_known ON external_identity (province_id, issuer, subject);

-- table spent_token: identity tokens that have been used, until they end by themselves; only their SHA-256 is kept
CREATE TABLE spent_token (
  hash TEXT PRIMARY KEY,
  province_id UUID NOT NULL REFERENCES province (id),
  expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX spent_token_end ON spent_token (expires_at);

-- The provider by whose word a session began; none for a password.
ALTER TABLE session ADD COLUMN issuer TEXT;
