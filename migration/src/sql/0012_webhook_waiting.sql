-- What waits at an endpoint that only fails is given up in time; what somebody asked for by hand goes first.
ALTER TABLE webhook_delivery ADD COLUMN give_up_at TIMESTAMPTZ; -- tried ten times by then or not; none where it was made before this step
ALTER TABLE webhook_delivery ADD COLUMN asked_at TIMESTAMPTZ; -- until it has been tried
