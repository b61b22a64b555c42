-- The demo's first state. Dates count from the setting harbor_home.today.

TRUNCATE customers, orders, refunds, outages, devices, codes, appointments, payments, callbacks, requests, demo;
ALTER SEQUENCE refund_numbers RESTART;
ALTER SEQUENCE appointment_numbers RESTART;
ALTER SEQUENCE payment_numbers RESTART;
ALTER SEQUENCE callback_numbers RESTART;

INSERT INTO demo (day) VALUES (current_setting('harbor_home.today')::date);

INSERT INTO customers (number, phone, initials, vip, language, locked) VALUES
    ('1001', '5550101', 'A. K.', false, 'en', false),
    ('1002', '5550102', 'B. M.', true,  'en', false),
    ('1003', '5550103', 'C. T.', false, 'en', false),
    ('1004', '5550104', 'D. R.', false, 'es', false),
    ('1005', '5550105', 'E. W.', true,  'en', true),
    ('1006', '5550106', 'F. N.', false, 'en', false),
    ('1007', '5550107', 'G. O.', false, 'en', false),
    ('1008', '5550108', 'H. P.', false, 'es', false);

-- placed, expected and delivered in days from today.
INSERT INTO orders (number, customer, status, item, total, placed_on, expected_on, delivered_on, address, postcode)
SELECT number, customer, status, item, total, demo.day + placed, demo.day + expected, demo.day + delivered, address, postcode
FROM demo, (VALUES
    ('10482', '1001', 'shipped',    'a brass desk lamp',          64.00,   -3,    2, NULL::integer, '12 Harbour Street', '40215'),
    ('11903', '1002', 'delivered',  'a box of linen envelopes',   18.00,  -11,   -6,   -6, '3 Mill Road',       '40217'),
    ('13370', '1003', 'processing', 'a paper lantern',            22.50,   -1,    9, NULL, '27 Long Lane',      '40220'),
    ('15248', '1004', 'cancelled',  'a green reading lamp',       48.00,   -9, NULL, NULL, '8 Station Square',  '40218'),
    ('18064', '1007', 'shipped',    'two dotted notebooks',       14.00,   -4,    1, NULL, '5 Garden Row',      '40221'),
    ('20715', '1008', 'processing', 'a standing lamp',           139.00,   -2,   12, NULL, '61 Church Hill',    '40222'),
    ('23571', '1003', 'delivered',  'a set of candle holders',    34.50,   -8,   -3,   -3, '27 Long Lane',      '40220'),
    ('27189', '1007', 'shipped',    'a wall calendar',            12.90,   -5,    4, NULL, '5 Garden Row',      '40221'),
    ('29640', '1008', 'delivered',  'a clip-on book light',       24.90,  -19,  -14,  -14, '61 Church Hill',    '40222'),
    ('31415', '1005', 'processing', 'a round ceiling lamp',      119.00,   -2,    7, NULL, '40 Bridge Street',  '40220'),
    ('34802', '1007', 'shipped',    'a roll of wrapping paper',    7.50,   -3,    3, NULL, '5 Garden Row',      '40221'),
    ('38226', '1008', 'cancelled',  'a garden lantern',           29.00,  -12, NULL, NULL, '61 Church Hill',    '40222'),
    ('41957', '1007', 'processing', 'a leather notebook',         26.00,   -1,    5, NULL, '5 Garden Row',      '40221'),
    ('45678', '1004', 'shipped',    'a blue glass lamp',          71.00,   -4,    2, NULL, '8 Station Square',  '40218'),
    ('47390', '1001', 'processing', 'a smart hub',               129.00,   -1,    6, NULL, '12 Harbour Street', '40215'),
    ('50093', '1006', 'delivered',  'a pack of letter paper',      9.80,   -6,   -1,   -1, '19 Park Avenue',    '40219'),
    ('55126', '1005', 'delivered',  'a set of smart plugs',       59.90,  -13,   -8,   -8, '40 Bridge Street',  '40220'),
    ('56340', '1008', 'processing', 'a night light',              16.40,   -1,    8, NULL, '61 Church Hill',    '40222'),
    ('58840', '1006', 'delivered',  'an indoor camera',           89.00,  -35,  -30,  -30, '19 Park Avenue',    '40219'),
    ('61728', '1007', 'shipped',    'a desk organiser',           31.00,   -6,    6, NULL, '5 Garden Row',      '40221'),
    ('62047', '1002', 'delivered',  'a smart thermostat',        249.00,  -10,   -5,   -5, '3 Mill Road',       '40217'),
    ('66102', '1001', 'delivered',  'a motion sensor kit',       100.00,   -7,   -2,   -2, '12 Harbour Street', '40215'),
    ('70236', '1008', 'cancelled',  'a floor lamp with a shade', 154.00,  -15, NULL, NULL, '61 Church Hill',    '40222'),
    ('73815', '1003', 'delivered',  'a door sensor',              39.00,  -46,  -41,  -41, '27 Long Lane',      '40220'),
    ('84519', '1007', 'delivered',  'a string of paper stars',    27.00,  -14,   -9,   -9, '5 Garden Row',      '40221'),
    ('92605', '1008', 'shipped',    'a folding table lamp',       45.00,   -5,    5, NULL, '61 Church Hill',    '40222')
) AS seed (number, customer, status, item, total, placed, expected, delivered, address, postcode);

INSERT INTO refunds (order_number, amount, reason) VALUES ('55126', 59.90, 'returned unopened');

INSERT INTO outages (postcode, area, service, since, expected_back, message)
SELECT '40215', 'Riverside', 'hub connections', demo.day + time '06:40', demo.day + time '21:30',
       'Hubs in Riverside cannot reach our service at the moment; lights and locks still work by hand.'
FROM demo
UNION ALL
SELECT '40217', 'Old Mill', 'app sign-in', demo.day + time '07:15', NULL,
       'Signing in to the app fails in Old Mill; our engineers are working on it.'
FROM demo;

INSERT INTO devices (device, light, pattern, status, meaning, advice, needs_person) VALUES
    ('hub', 'red', 'flashing', 'no_internet', 'The hub has lost its connection to the internet.',
     'Unplug the hub and your router, wait for ten seconds, and plug in the router first, then the hub.', false),
    ('hub', 'red', 'steady', 'hardware_fault', 'The hub has found a fault in itself.',
     'It has to be exchanged, which a colleague arranges for you.', true),
    ('hub', 'blue', 'flashing', 'pairing', 'The hub is waiting to be paired with a new device.',
     'Open the app, choose add device, and follow the steps there.', false),
    ('hub', 'blue', 'steady', 'online', 'The hub is connected and works as it should.',
     'If a device does not answer, switch that device off and on again.', false),
    ('hub', 'green', 'flashing', 'updating', 'The hub is installing an update.',
     'Leave it plugged in; it takes up to fifteen minutes.', false),
    ('hub', 'amber', 'flashing', 'weak_signal', 'The hub hears your wireless network only faintly.',
     'Move the hub closer to your router, or connect the two with a cable.', false),
    ('hub', 'off', 'steady', 'no_power', 'The hub gets no power.', 'Try another socket and the cable that came with it.', false),
    ('lamp', 'red', 'flashing', 'not_paired', 'The lamp is not paired with a hub.',
     'Switch the lamp off and on three times, then add it in the app.', false),
    ('lamp', 'blue', 'flashing', 'pairing', 'The lamp is waiting to be paired.', 'Open the app and choose add device.', false),
    ('lamp', 'white', 'flashing', 'overheated', 'The lamp has become too hot and protects itself.',
     'Switch it off, let it cool for half an hour, and take it out of any closed shade.', false),
    ('lamp', 'amber', 'flashing', 'weak_signal', 'The lamp hears the hub only faintly.', 'Move the hub closer to the lamp.', false),
    ('lamp', 'off', 'steady', 'no_power', 'The lamp gets no power.', 'Check the wall switch, and try the lamp in another socket.', false),
    ('lock', 'red', 'flashing', 'battery_low', 'The batteries of the lock are nearly empty.',
     'Put in four new batteries of the same kind; your codes are kept.', false),
    ('lock', 'blue', 'steady', 'online', 'The lock is connected and works as it should.', 'Try to open it with the app again.', false),
    ('thermostat', 'red', 'flashing', 'sensor_fault', 'The thermostat cannot read its temperature sensor.',
     'A technician has to look at it; a colleague arranges that for you.', true),
    ('thermostat', 'amber', 'steady', 'heating', 'The thermostat is heating.', 'Give the room half an hour to become warm.', false);

INSERT INTO appointments (reference, phone, at, technician, purpose, demo_day)
SELECT reference, phone, working_day(demo.day, days) + hour, technician, purpose, days
FROM demo, (VALUES
    ('7001', '5550101', 3, time '11:00', 1, 'hub installation'),
    ('7002', '5550103', 5, time '09:00', 1, 'lock repair'),
    ('7003', '5550107', 2, time '09:00', 1, 'lamp installation'),
    ('7004', '5550108', 2, time '09:00', 2, 'thermostat installation')
) AS seed (reference, phone, days, hour, technician, purpose);
