-- table province: one served province (tenant); every other business table names it
CREATE TABLE province (
  id UUID PRIMARY KEY,
  code TEXT NOT NULL UNIQUE, -- six-digit division code
  name TEXT NOT NULL,
  settings JSONB NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  revision INTEGER NOT NULL
);

-- table division: an administrative division in one period of validity; national, shared by all provinces
CREATE TABLE division (
  id UUID PRIMARY KEY,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  level SMALLINT NOT NULL CHECK (level BETWEEN 1 AND 4),
  kind TEXT NOT NULL,
  parent_id UUID REFERENCES division (id),
  path TEXT NOT NULL, -- codes from the province down, joined by '.'
  valid_from DATE NOT NULL,
  valid_to DATE,
  CHECK (valid_to IS NULL OR valid_to > valid_from)
);
CREATE UNIQUE INDEX division_code_period ON division (code, valid_from);
CREATE INDEX division_parent ON division (parent_id, code, id);
CREATE INDEX division_path ON division (path);
CREATE INDEX division_level ON division (level, code, id);

-- table division_successor: which division continues which
CREATE TABLE division_successor (
  division_id UUID NOT NULL REFERENCES division (id),
  successor_id UUID NOT NULL REFERENCES division (id),
  PRIMARY KEY (division_id, successor_id)
);
CREATE INDEX division_successor_back ON division_successor (successor_id);

-- table org_unit: an organisation: committee and government, establishment office, department, township
CREATE TABLE org_unit (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL REFERENCES province (id),
  division_id UUID NOT NULL REFERENCES division (id), -- the territory it serves
  path TEXT NOT NULL, -- path of that division
  level SMALLINT NOT NULL CHECK (level BETWEEN 1 AND 4),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  short_name TEXT NOT NULL,
  parent_id UUID REFERENCES org_unit (id), -- the management committee it belongs to, or the line above a vertical department
  vertical BOOLEAN NOT NULL,
  successor_id UUID REFERENCES org_unit (id),
  valid_from DATE NOT NULL,
  valid_to DATE,
  revision INTEGER NOT NULL,
  UNIQUE (id, level),
  UNIQUE (id, province_id)
);
-- By division first: offices are looked for around a division, whatever the province.
CREATE INDEX org_unit_division ON org_unit (division_id, kind, province_id);
CREATE INDEX org_unit_path ON org_unit (province_id, path, name, id);
CREATE UNIQUE INDEX org_unit_name ON org_unit (province_id, division_id, name) WHERE valid_to IS NULL;

-- table internal_office: an internal office of an organisation
CREATE TABLE internal_office (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL,
  org_unit_id UUID NOT NULL,
  name TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  closed_at TIMESTAMPTZ,
  revision INTEGER NOT NULL,
  FOREIGN KEY (org_unit_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE INDEX internal_office_org ON internal_office (org_unit_id, ordinal);
CREATE UNIQUE INDEX internal_office_name ON internal_office (org_unit_id, name) WHERE closed_at IS NULL;

-- table position: a position inside an internal office
CREATE TABLE position (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL,
  office_id UUID NOT NULL REFERENCES internal_office (id),
  name TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  closed_at TIMESTAMPTZ,
  revision INTEGER NOT NULL
);
CREATE INDEX position_office ON position (office_id, ordinal);

-- table zone_overlay: a management committee administers a township from one day to another
CREATE TABLE zone_overlay (
  id UUID PRIMARY KEY,
  province_id UUID NOT NULL,
  division_id UUID NOT NULL REFERENCES division (id),
  committee_id UUID NOT NULL,
  valid_from DATE NOT NULL,
  valid_to DATE,
  FOREIGN KEY (committee_id, province_id) REFERENCES org_unit (id, province_id)
);
CREATE INDEX zone_overlay_division ON zone_overlay (division_id, valid_from);
CREATE UNIQUE INDEX zone_overlay_open ON zone_overlay (division_id) WHERE valid_to IS NULL;

-- table review_chain_step: a configured review chain above a list authority; without rows the chain follows the divisions
CREATE TABLE review_chain_step (
  authority_id UUID NOT NULL,
  ordinal INTEGER NOT NULL,
  province_id UUID NOT NULL,
  office_id UUID NOT NULL,
  PRIMARY KEY (authority_id, ordinal),
  FOREIGN KEY (authority_id, province_id) REFERENCES org_unit (id, province_id),
  FOREIGN KEY (office_id, province_id) REFERENCES org_unit (id, province_id)
);
