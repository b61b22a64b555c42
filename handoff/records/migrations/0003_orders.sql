-- Demo data: orders of an invented shop for lamps and paper goods. A real installation looks orders up in its own system.

-- One row per order.
CREATE TABLE orders (
    number      text PRIMARY KEY CHECK (number ~ '^[0-9]{5}$'),
    status      text NOT NULL CHECK (status IN ('processing', 'shipped', 'delivered', 'cancelled')),
    item        text NOT NULL,
    expected_on date -- null: not known or no longer expected
);

-- Twenty orders in every state. Dates count from the day of the installation, so that the answers sound right.
INSERT INTO orders (number, status, item, expected_on) VALUES
    ('10482', 'shipped',    'a brass desk lamp',             current_date + 2),
    ('11903', 'delivered',  'a box of linen envelopes',      current_date - 6),
    ('13370', 'processing', 'a paper lantern',               current_date + 9),
    ('15248', 'cancelled',  'a green reading lamp',          NULL),
    ('18064', 'shipped',    'two dotted notebooks',          current_date + 1),
    ('20715', 'processing', 'a standing lamp',               current_date + 12),
    ('23571', 'delivered',  'a set of candle holders',       current_date - 3),
    ('27189', 'shipped',    'a wall calendar',               current_date + 4),
    ('29640', 'delivered',  'a clip-on book light',          current_date - 14),
    ('31415', 'processing', 'a round ceiling lamp',          current_date + 7),
    ('34802', 'shipped',    'a roll of wrapping paper',      current_date + 3),
    ('38226', 'cancelled',  'a garden lantern',              NULL),
    ('41957', 'processing', 'a leather notebook',            current_date + 5),
    ('45678', 'shipped',    'a blue glass lamp',             current_date + 2),
    ('50093', 'delivered',  'a pack of letter paper',        current_date - 1),
    ('56340', 'processing', 'a night light',                 current_date + 8),
    ('61728', 'shipped',    'a desk organiser',              current_date + 6),
    ('70236', 'cancelled',  'a floor lamp with a shade',     NULL),
    ('84519', 'delivered',  'a string of paper stars',       current_date - 9),
    ('92605', 'shipped',    'a folding table lamp',          current_date + 5);
