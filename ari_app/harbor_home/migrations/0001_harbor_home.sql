-- Harbor Home: everything that the demo backend knows. The connection's search path is its own schema.

-- One row per customer. Nobody has a name here, only initials.
CREATE TABLE customers (
    number     text PRIMARY KEY CHECK (number ~ '^[0-9]{4}$'),
    phone      text NOT NULL UNIQUE CHECK (phone ~ '^[0-9]{7}$'),
    initials   text NOT NULL,
    vip        boolean NOT NULL DEFAULT false,
    language   text NOT NULL DEFAULT 'en',
    locked     boolean NOT NULL DEFAULT false, -- no reset of the password over the telephone
    links_sent integer NOT NULL DEFAULT 0      -- how often a reset link went to the e-mail on file
);

-- One row per order.
CREATE TABLE orders (
    number       text PRIMARY KEY CHECK (number ~ '^[0-9]{5}$'),
    customer     text NOT NULL REFERENCES customers,
    status       text NOT NULL CHECK (status IN ('processing', 'shipped', 'delivered', 'cancelled')),
    item         text NOT NULL,
    total        numeric(10, 2) NOT NULL CHECK (total >= 0),
    placed_on    date NOT NULL,
    expected_on  date, -- null: not known or no longer expected
    delivered_on date CHECK ((delivered_on IS NOT NULL) = (status = 'delivered')),
    address      text NOT NULL,
    postcode     text NOT NULL
);

-- For the orders of a customer.
CREATE INDEX orders_customer ON orders (customer);

-- Numbers that are read to callers.
CREATE SEQUENCE refund_numbers START 3001;

-- Money given back, one row each time.
CREATE TABLE refunds (
    number       text PRIMARY KEY DEFAULT nextval('refund_numbers')::text,
    order_number text NOT NULL REFERENCES orders,
    amount       numeric(10, 2) NOT NULL CHECK (amount > 0),
    reason       text NOT NULL DEFAULT '',
    made_at      timestamptz NOT NULL DEFAULT now()
);

-- For what was given back of an order.
CREATE INDEX refunds_order ON refunds (order_number);

-- Services that are out of order, by postcode. Times are the shop's own.
CREATE TABLE outages (
    postcode      text PRIMARY KEY,
    area          text NOT NULL,
    service       text NOT NULL,
    since         timestamp NOT NULL,
    expected_back timestamp, -- null: nobody knows
    message       text NOT NULL
);

-- What the light of a device means.
CREATE TABLE devices (
    device       text NOT NULL,
    light        text NOT NULL,
    pattern      text NOT NULL,
    status       text NOT NULL,
    meaning      text NOT NULL,
    advice       text NOT NULL,
    needs_person boolean NOT NULL DEFAULT false,
    PRIMARY KEY (device, light, pattern)
);

-- One-time codes that were sent; the code itself is not kept.
CREATE TABLE codes (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer  text NOT NULL REFERENCES customers,
    salt      text NOT NULL,
    digest    text NOT NULL,
    issued_at timestamp NOT NULL,
    tries     integer NOT NULL DEFAULT 0,
    used      boolean NOT NULL DEFAULT false
);

-- For the newest codes of a customer.
CREATE INDEX codes_customer ON codes (customer, issued_at);

-- Numbers that are read to callers.
CREATE SEQUENCE appointment_numbers START 7101;

-- Visits of a technician. Two technicians: two visits at a time.
CREATE TABLE appointments (
    reference  text PRIMARY KEY DEFAULT nextval('appointment_numbers')::text,
    phone      text NOT NULL,
    at         timestamp NOT NULL,
    technician smallint NOT NULL CHECK (technician IN (1, 2)),
    purpose    text NOT NULL DEFAULT '',
    cancelled  boolean NOT NULL DEFAULT false,
    demo_day   integer -- of the demo's own visits: so many working days from today
);

-- Nobody is in two places at once.
CREATE UNIQUE INDEX appointments_technician ON appointments (at, technician) WHERE NOT cancelled;

-- Numbers that are read to callers.
CREATE SEQUENCE payment_numbers START 5001;

-- Card payments. Of the card only what may be kept: the gateway's token and the last four digits.
CREATE TABLE payments (
    number       text PRIMARY KEY DEFAULT nextval('payment_numbers')::text,
    last4        text NOT NULL CHECK (last4 ~ '^[0-9]{0,4}$'),
    token        text NOT NULL,
    amount       numeric(10, 2) NOT NULL CHECK (amount > 0),
    order_number text REFERENCES orders,
    approved     boolean NOT NULL,
    reason       text NOT NULL DEFAULT '',
    made_at      timestamptz NOT NULL DEFAULT now()
);

-- Numbers that are read to callers.
CREATE SEQUENCE callback_numbers START 8001;

-- Callers who want to be called back.
CREATE TABLE callbacks (
    reference text PRIMARY KEY DEFAULT nextval('callback_numbers')::text,
    phone     text NOT NULL,
    reason    text NOT NULL DEFAULT '',
    due       timestamp,
    made_at   timestamptz NOT NULL DEFAULT now()
);

-- Requests that changed something, with their answers: one that is sent again changes nothing and gets the same answer.
CREATE TABLE requests (
    key     text PRIMARY KEY,
    digest  text NOT NULL, -- of method, target and body
    answer  json,          -- as it was sent; null only while the request is at work
    made_at timestamptz NOT NULL DEFAULT now()
);

-- For clearing away old ones.
CREATE INDEX requests_made_at ON requests (made_at);

-- The day from which the demo's dates count; one row once it is filled.
CREATE TABLE demo (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    day      date NOT NULL
);

-- The day that is so many working days (Monday to Saturday) after another.
CREATE FUNCTION working_day(start date, days integer) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT max(day) FROM (
        SELECT start + step AS day FROM generate_series(1, days * 2 + 2) AS step
        WHERE extract(isodow FROM start + step) < 7 ORDER BY step LIMIT days
    ) AS counted
$$;
