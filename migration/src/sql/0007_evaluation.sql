-- table evaluation_round: one half-yearly round; its procedure is the proceeding with the same id
CREATE TABLE evaluation_round (
  id UUID PRIMARY KEY REFERENCES proceeding (id),
  province_id UUID NOT NULL,
  authority_id UUID NOT NULL,
  year INTEGER NOT NULL,
  half SMALLINT NOT NULL CHECK (half IN (1, 2)),
  rules JSONB NOT NULL, -- the province's dimensions, weights and minima as they stood when the round opened
  opens_at TIMESTAMPTZ,
  closes_at TIMESTAMPTZ,
  objection_until TIMESTAMPTZ,
  FOREIGN KEY (authority_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE UNIQUE INDEX evaluation_round_half ON evaluation_round (authority_id, year, half);

-- table ballot_roll: who may vote on whom and whether the ballot paper was handed out; never which paper, never what was voted
CREATE TABLE ballot_roll (
  round_id UUID NOT NULL REFERENCES evaluation_round (id),
  account_id UUID NOT NULL REFERENCES account (id),
  subject_org_id UUID NOT NULL,
  province_id UUID NOT NULL,
  direction TEXT NOT NULL,
  rater_org_id UUID NOT NULL,
  issued BOOLEAN NOT NULL,
  PRIMARY KEY (round_id, account_id, subject_org_id),
  FOREIGN KEY (subject_org_id, province_id) REFERENCES org_unit (id, province_id),
  FOREIGN KEY (rater_org_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE INDEX ballot_roll_account ON ballot_roll (account_id, round_id);
CREATE INDEX ballot_roll_rater ON ballot_roll (round_id, rater_org_id, account_id);

-- table ballot_box: all papers and all ballots on one subject in one round, encrypted together with the deployment's
-- secret, padded and rewritten whole each time: the database alone does not show what is in a box
CREATE TABLE ballot_box (
  round_id UUID NOT NULL REFERENCES evaluation_round (id),
  subject_org_id UUID NOT NULL,
  province_id UUID NOT NULL,
  direction TEXT NOT NULL,
  sealed BYTEA NOT NULL, -- unused papers, ballots, organisations from which ballots came: see the wing's rules
  PRIMARY KEY (round_id, subject_org_id),
  FOREIGN KEY (subject_org_id, province_id) REFERENCES org_unit (id, province_id)
);

-- table evaluation_result: the tally of one subject in one round
CREATE TABLE evaluation_result (
  round_id UUID NOT NULL REFERENCES evaluation_round (id),
  subject_org_id UUID NOT NULL,
  province_id UUID NOT NULL,
  direction TEXT NOT NULL,
  standing TEXT NOT NULL, -- SUFFICIENT or INSUFFICIENT
  ballot_score INTEGER, -- hundredths of a point
  objective_score INTEGER,
  total_score INTEGER,
  ballot_count INTEGER,
  dimensions JSONB NOT NULL, -- code and score of each published dimension
  comments JSONB NOT NULL,
  rolled_into UUID REFERENCES evaluation_round (id),
  PRIMARY KEY (round_id, subject_org_id),
  FOREIGN KEY (subject_org_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE INDEX evaluation_result_subject ON evaluation_result (province_id, subject_org_id, round_id);

-- table evaluation_objection: a subject's objection to its tally, and the answer
CREATE TABLE evaluation_objection (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL,
  round_id UUID NOT NULL REFERENCES evaluation_round (id),
  org_unit_id UUID NOT NULL,
  text TEXT NOT NULL,
  raised_by UUID NOT NULL,
  raised_at TIMESTAMPTZ NOT NULL,
  upheld BOOLEAN,
  answer TEXT,
  answered_by UUID,
  answered_at TIMESTAMPTZ,
  FOREIGN KEY (org_unit_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE UNIQUE INDEX evaluation_objection_once ON evaluation_objection (round_id, org_unit_id);
