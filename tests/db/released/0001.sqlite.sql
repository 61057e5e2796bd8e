BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE certificate (
	id INTEGER NOT NULL, 
	seal TEXT NOT NULL, 
	body TEXT NOT NULL, 
	issued_at TEXT NOT NULL, 
	CONSTRAINT pk_certificate PRIMARY KEY (id), 
	CONSTRAINT uq_certificate_seal UNIQUE (seal)
);
INSERT INTO "certificate" VALUES(1,'b7bbb808b0795bded535809e6be12a46eae4790552af2b6c7658f711be012f6b','{"product":{"adler32":360390221,"check":"PASSED","group_id":1,"lfn":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root","part":0,"plan":"9c4ecc76e8176d5130aae847b50a3e10d4877ee1867e3c77b6c94ef680243e15","product":"mDST","run":275679,"siblings":0,"size":42059600,"state":"ARCHIVED","tape_path":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root","tape_state":"AVAILABLE","tape_verified_at":"2016-08-01T01:50:00+00:00","tape_verified_how":"service"},"replicas":[{"adler32":583540223,"endpoint_kind":"disk","file_id":33,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275679-11001-0-7.root","other_uses":0,"readers":0,"replica_id":33,"role":"intermediate","size":8772400,"state":"AVAILABLE"},{"adler32":584982019,"endpoint_kind":"disk","file_id":34,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275679-11002-0-7.root","other_uses":0,"readers":0,"replica_id":34,"role":"intermediate","size":11246800,"state":"AVAILABLE"},{"adler32":586620423,"endpoint_kind":"disk","file_id":35,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275679-11003-0-7.root","other_uses":0,"readers":0,"replica_id":35,"role":"intermediate","size":10945600,"state":"AVAILABLE"},{"adler32":588258828,"endpoint_kind":"disk","file_id":36,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275679-11004-0-7.root","other_uses":0,"readers":0,"replica_id":36,"role":"intermediate","size":11094800,"state":"AVAILABLE"}],"version":1}','2016-08-01T01:50:00.000000+00:00');
INSERT INTO "certificate" VALUES(2,'662f057d8993902a42150bc71ca03ff43c3f5c502be8102741ade5a63227cfea','{"product":{"adler32":3828228420,"check":"PASSED","group_id":2,"lfn":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root","part":0,"plan":"bcca792c12f29ed4a9438287ec98d1641901782d4cb0fa001833434b1da275e7","product":"hist","run":275679,"siblings":0,"size":2102980,"state":"ARCHIVED","tape_path":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root","tape_state":"AVAILABLE","tape_verified_at":"2016-08-01T01:50:00+00:00","tape_verified_how":"service"},"replicas":[{"adler32":3247905281,"endpoint_kind":"disk","file_id":37,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275679-11001-0.root","other_uses":0,"readers":0,"replica_id":37,"role":"intermediate","size":438620,"state":"AVAILABLE"},{"adler32":3249216005,"endpoint_kind":"disk","file_id":38,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275679-11002-0.root","other_uses":0,"readers":0,"replica_id":38,"role":"intermediate","size":562340,"state":"AVAILABLE"},{"adler32":3250723337,"endpoint_kind":"disk","file_id":39,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275679-11003-0.root","other_uses":0,"readers":0,"replica_id":39,"role":"intermediate","size":547280,"state":"AVAILABLE"},{"adler32":3252230670,"endpoint_kind":"disk","file_id":40,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275679-11004-0.root","other_uses":0,"readers":0,"replica_id":40,"role":"intermediate","size":554740,"state":"AVAILABLE"}],"version":1}','2016-08-01T01:50:00.000000+00:00');
INSERT INTO "certificate" VALUES(3,'39c63d7b3406d7762ebe223a9794608408b63c3ad590a595fe63dbb503656b32','{"product":{"adler32":3401982311,"check":"PASSED","group_id":3,"lfn":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw","part":0,"plan":"e3692edb455018568e6c85a94194648b874afe63d8c2064d93499cc5abef4aeb","product":"evtdump","run":275679,"siblings":0,"size":36795500,"state":"ARCHIVED","tape_path":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw","tape_state":"AVAILABLE","tape_verified_at":"2016-08-01T01:50:00+00:00","tape_verified_how":"service"},"replicas":[{"adler32":2375949667,"endpoint_kind":"disk","file_id":41,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11001-275679.raw","other_uses":0,"readers":0,"replica_id":41,"role":"intermediate","size":7675500,"state":"AVAILABLE"},{"adler32":2377260385,"endpoint_kind":"disk","file_id":42,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11002-275679.raw","other_uses":0,"readers":0,"replica_id":42,"role":"intermediate","size":9838500,"state":"AVAILABLE"},{"adler32":2378767720,"endpoint_kind":"disk","file_id":43,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11003-275679.raw","other_uses":0,"readers":0,"replica_id":43,"role":"intermediate","size":9576000,"state":"AVAILABLE"},{"adler32":2380209514,"endpoint_kind":"disk","file_id":44,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11004-275679.raw","other_uses":0,"readers":0,"replica_id":44,"role":"intermediate","size":9705500,"state":"AVAILABLE"}],"version":1}','2016-08-01T01:50:00.000000+00:00');
INSERT INTO "certificate" VALUES(4,'9328e769fda1670c157281ca2d2ba8afa1a703f9b1a2af91b686ca8c9de0196f','{"product":{"adler32":3412991570,"check":"PASSED","group_id":4,"lfn":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip","part":0,"plan":"581bc3e42615fcfe01109b8c3ee33ed692cc588bff4be074fb814a076b681f2b","product":"logs","run":275679,"siblings":0,"size":40,"state":"ARCHIVED","tape_path":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip","tape_state":"AVAILABLE","tape_verified_at":"2016-08-01T01:50:00+00:00","tape_verified_how":"service"},"replicas":[{"adler32":2339970999,"endpoint_kind":"disk","file_id":45,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275679-11001-0.stdout.gz","other_uses":0,"readers":0,"replica_id":45,"role":"intermediate","size":10,"state":"AVAILABLE"},{"adler32":2340954040,"endpoint_kind":"disk","file_id":46,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275679-11002-0.stdout.gz","other_uses":0,"readers":0,"replica_id":46,"role":"intermediate","size":10,"state":"AVAILABLE"},{"adler32":2341937081,"endpoint_kind":"disk","file_id":47,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275679-11003-0.stdout.gz","other_uses":0,"readers":0,"replica_id":47,"role":"intermediate","size":10,"state":"AVAILABLE"},{"adler32":2342920122,"endpoint_kind":"disk","file_id":48,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275679-11004-0.stdout.gz","other_uses":0,"readers":0,"replica_id":48,"role":"intermediate","size":10,"state":"AVAILABLE"}],"version":1}','2016-08-01T01:50:00.000000+00:00');
CREATE TABLE certified (
	replica_id INTEGER NOT NULL, 
	certificate_id INTEGER NOT NULL, 
	CONSTRAINT pk_certified PRIMARY KEY (replica_id), 
	CONSTRAINT fk_certified_certificate_id FOREIGN KEY(certificate_id) REFERENCES certificate (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_certified_replica_id FOREIGN KEY(replica_id) REFERENCES replica (id) ON DELETE RESTRICT
)
 WITHOUT ROWID

;
INSERT INTO "certified" VALUES(33,1);
INSERT INTO "certified" VALUES(34,1);
INSERT INTO "certified" VALUES(35,1);
INSERT INTO "certified" VALUES(36,1);
INSERT INTO "certified" VALUES(37,2);
INSERT INTO "certified" VALUES(38,2);
INSERT INTO "certified" VALUES(39,2);
INSERT INTO "certified" VALUES(40,2);
INSERT INTO "certified" VALUES(41,3);
INSERT INTO "certified" VALUES(42,3);
INSERT INTO "certified" VALUES(43,3);
INSERT INTO "certified" VALUES(44,3);
INSERT INTO "certified" VALUES(45,4);
INSERT INTO "certified" VALUES(46,4);
INSERT INTO "certified" VALUES(47,4);
INSERT INTO "certified" VALUES(48,4);
CREATE TABLE cross_check (
	id INTEGER NOT NULL, 
	task_id INTEGER NOT NULL, 
	run INTEGER NOT NULL, 
	product TEXT NOT NULL, 
	state TEXT NOT NULL, 
	since TEXT NOT NULL, 
	verdict TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_cross_check PRIMARY KEY (id), 
	CONSTRAINT ck_cross_check_state CHECK (state IN ('PENDING', 'PASSED', 'FAILED', 'WAIVED')), 
	CONSTRAINT fk_cross_check_task_id FOREIGN KEY(task_id) REFERENCES task (id) ON DELETE RESTRICT, 
	CONSTRAINT uq_cross_check_task_id_run_product UNIQUE (task_id, run, product)
);
INSERT INTO "cross_check" VALUES(1,1,275679,'evtdump','PASSED','2016-08-01T01:40:00.000000+00:00','every witness agrees');
INSERT INTO "cross_check" VALUES(2,1,275679,'hist','PASSED','2016-08-01T01:40:00.000000+00:00','every witness agrees');
INSERT INTO "cross_check" VALUES(3,1,275679,'logs','PASSED','2016-08-01T01:40:00.000000+00:00','every witness agrees');
INSERT INTO "cross_check" VALUES(4,1,275679,'mDST','PASSED','2016-08-01T01:40:00.000000+00:00','every witness agrees');
INSERT INTO "cross_check" VALUES(5,1,275678,'hist','PASSED','2016-08-01T01:45:00.000000+00:00','every witness agrees');
INSERT INTO "cross_check" VALUES(6,1,275678,'mDST','PASSED','2016-08-01T01:45:00.000000+00:00','every witness agrees');
INSERT INTO "cross_check" VALUES(7,1,275678,'evtdump','WAIVED','2016-08-01T03:50:00.000000+00:00','part 0: its 3 files hold 7255 events, the merge job says 7255, the merged file holds 7254');
INSERT INTO "cross_check" VALUES(8,1,275678,'logs','PASSED','2016-08-01T02:10:00.000000+00:00','every witness agrees');
INSERT INTO "cross_check" VALUES(9,1,275681,'evtdump','PENDING','2016-08-01T03:50:00.000000+00:00','part 0: its 4 files hold 10388 events, the merge job says 10388, the merged file holds 10387');
INSERT INTO "cross_check" VALUES(10,1,275681,'hist','FAILED','2016-08-01T03:50:00.000000+00:00','part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891');
INSERT INTO "cross_check" VALUES(11,1,275681,'logs','PASSED','2016-08-01T03:50:00.000000+00:00','every witness agrees');
INSERT INTO "cross_check" VALUES(12,1,275681,'mDST','FAILED','2016-08-01T03:50:00.000000+00:00','part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891');
CREATE TABLE dataset (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	state TEXT NOT NULL, 
	since TEXT NOT NULL, 
	CONSTRAINT pk_dataset PRIMARY KEY (id), 
	CONSTRAINT ck_dataset_state CHECK (state IN ('OPEN', 'CLOSED')), 
	CONSTRAINT uq_dataset_name UNIQUE (name)
);
INSERT INTO "dataset" VALUES(1,'2016/W14','CLOSED','2016-08-01T00:00:00.000000+00:00');
INSERT INTO "dataset" VALUES(2,'P08/mDST/chunks','OPEN','2016-08-01T00:35:00.000000+00:00');
INSERT INTO "dataset" VALUES(3,'P08/hist/chunks','OPEN','2016-08-01T00:35:00.000000+00:00');
INSERT INTO "dataset" VALUES(4,'P08/evtdump/chunks','OPEN','2016-08-01T00:35:00.000000+00:00');
INSERT INTO "dataset" VALUES(5,'P08/logs/chunks','OPEN','2016-08-01T00:35:00.000000+00:00');
INSERT INTO "dataset" VALUES(6,'P08/mDST','OPEN','2016-08-01T01:40:00.000000+00:00');
INSERT INTO "dataset" VALUES(7,'P08/hist','OPEN','2016-08-01T01:40:00.000000+00:00');
INSERT INTO "dataset" VALUES(8,'P08/evtdump','OPEN','2016-08-01T01:40:00.000000+00:00');
INSERT INTO "dataset" VALUES(9,'P08/logs','OPEN','2016-08-01T01:40:00.000000+00:00');
INSERT INTO "dataset" VALUES(10,'2016/W15','OPEN','2016-08-01T04:00:00.000000+00:00');
INSERT INTO "dataset" VALUES(11,'2017/W01','OPEN','2016-08-01T04:00:00.000000+00:00');
CREATE TABLE endpoint (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	CONSTRAINT pk_endpoint PRIMARY KEY (id), 
	CONSTRAINT ck_endpoint_kind CHECK (kind IN ('disk', 'tape')), 
	CONSTRAINT uq_endpoint_name UNIQUE (name)
);
INSERT INTO "endpoint" VALUES(1,'disk','disk');
INSERT INTO "endpoint" VALUES(2,'tape','tape');
CREATE TABLE event_count (
	file_id INTEGER NOT NULL, 
	witness TEXT NOT NULL, 
	n_events BIGINT NOT NULL, 
	said_at TEXT NOT NULL, 
	said_by TEXT NOT NULL, 
	CONSTRAINT pk_event_count PRIMARY KEY (file_id, witness), 
	CONSTRAINT ck_event_count_witness CHECK (witness IN ('raw_catalogue', 'job', 'read')), 
	CONSTRAINT ck_event_count_n_events CHECK (n_events >= 0), 
	CONSTRAINT fk_event_count_file_id FOREIGN KEY(file_id) REFERENCES file (id) ON DELETE RESTRICT
)
 WITHOUT ROWID

;
INSERT INTO "event_count" VALUES(1,'read',22201,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(2,'raw_catalogue',29325,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(2,'read',29325,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(3,'raw_catalogue',21033,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(3,'read',21033,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(4,'raw_catalogue',24179,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(5,'raw_catalogue',21931,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(5,'read',21931,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(6,'raw_catalogue',28117,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(6,'read',28117,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(7,'raw_catalogue',27364,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(7,'read',27364,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(8,'raw_catalogue',27737,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(8,'read',27737,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(9,'raw_catalogue',26219,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(9,'read',26219,'2016-08-01T02:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(10,'raw_catalogue',23439,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(10,'read',23439,'2016-08-01T03:55:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(11,'raw_catalogue',21537,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(11,'read',21537,'2016-08-01T02:15:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(12,'raw_catalogue',27993,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(12,'read',27993,'2016-08-01T02:15:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(13,'raw_catalogue',20464,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(13,'read',20464,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(14,'raw_catalogue',26386,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(14,'read',26386,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(15,'raw_catalogue',27090,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(15,'read',27090,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(16,'raw_catalogue',29952,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(16,'read',29952,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(17,'raw_catalogue',20034,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(18,'raw_catalogue',27297,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(19,'raw_catalogue',24363,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(20,'raw_catalogue',0,'2016-08-01T00:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(21,'job',22201,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(21,'read',22201,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(22,'job',29325,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(22,'read',29325,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(23,'job',21033,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(23,'read',21033,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(24,'job',22201,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(24,'read',22201,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(25,'job',29325,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(25,'read',29325,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(26,'job',21033,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(26,'read',21033,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(27,'job',2220,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(27,'read',2220,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(28,'job',2932,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(28,'read',2932,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(29,'job',2103,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(29,'read',2103,'2016-08-01T00:35:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(33,'job',21931,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(33,'read',21931,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(34,'job',28117,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(34,'read',28117,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(35,'job',27364,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(35,'read',27364,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(36,'job',27737,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(36,'read',27737,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(37,'job',21931,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(37,'read',21931,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(38,'job',28117,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(38,'read',28117,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(39,'job',27364,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(39,'read',27364,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(40,'job',27737,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(40,'read',27737,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(41,'job',2193,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(41,'read',2193,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(42,'job',2811,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(42,'read',2811,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(43,'job',2736,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(43,'read',2736,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(44,'job',2773,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(44,'read',2773,'2016-08-01T01:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(49,'job',105149,'2016-08-01T01:40:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(49,'read',105149,'2016-08-01T01:40:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(50,'job',105149,'2016-08-01T01:40:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(50,'read',105149,'2016-08-01T01:40:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(51,'job',10513,'2016-08-01T01:40:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(51,'read',10513,'2016-08-01T01:40:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(53,'job',72559,'2016-08-01T01:45:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(53,'read',72559,'2016-08-01T01:45:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(54,'job',72559,'2016-08-01T01:45:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(54,'read',72559,'2016-08-01T01:45:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(55,'job',26219,'2016-08-01T02:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(55,'read',26219,'2016-08-01T02:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(56,'job',26219,'2016-08-01T02:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(56,'read',26219,'2016-08-01T02:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(57,'job',2621,'2016-08-01T02:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(57,'read',2621,'2016-08-01T02:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(59,'job',7255,'2016-08-01T02:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(59,'read',7254,'2016-08-01T02:10:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(61,'job',21537,'2016-08-01T02:15:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(61,'read',21537,'2016-08-01T02:15:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(62,'job',27993,'2016-08-01T02:15:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(62,'read',27993,'2016-08-01T02:15:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(63,'job',21537,'2016-08-01T02:15:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(63,'read',21537,'2016-08-01T02:15:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(64,'job',27993,'2016-08-01T02:15:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(64,'read',27993,'2016-08-01T02:15:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(65,'job',2153,'2016-08-01T02:15:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(65,'read',2153,'2016-08-01T02:15:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(66,'job',2799,'2016-08-01T02:15:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(66,'read',2799,'2016-08-01T02:15:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(69,'job',20464,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(69,'read',20464,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(70,'job',26386,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(70,'read',26386,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(71,'job',27090,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(71,'read',27090,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(72,'job',29952,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(72,'read',29952,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(73,'job',20464,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(73,'read',20464,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(74,'job',26386,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(74,'read',26386,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(75,'job',27090,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(75,'read',27090,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(76,'job',29952,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(76,'read',29952,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(77,'job',2046,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(77,'read',2046,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(78,'job',2638,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(78,'read',2638,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(79,'job',2709,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(79,'read',2709,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(80,'job',2995,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(80,'read',2995,'2016-08-01T03:20:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(85,'job',103892,'2016-08-01T03:50:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(85,'read',103891,'2016-08-01T03:50:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(86,'job',103892,'2016-08-01T03:50:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(86,'read',103891,'2016-08-01T03:50:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(87,'job',10388,'2016-08-01T03:50:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(87,'read',10387,'2016-08-01T03:50:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(89,'job',23439,'2016-08-01T03:55:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(89,'read',23439,'2016-08-01T03:55:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(90,'job',23439,'2016-08-01T03:55:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(90,'read',23439,'2016-08-01T03:55:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(91,'job',2343,'2016-08-01T03:55:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(91,'read',2343,'2016-08-01T03:55:00.000000+00:00','flow:released@nowhere');
INSERT INTO "event_count" VALUES(94,'raw_catalogue',29325,'2016-08-01T04:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(95,'raw_catalogue',21033,'2016-08-01T04:00:00.000000+00:00','released@nowhere');
INSERT INTO "event_count" VALUES(96,'raw_catalogue',24179,'2016-08-01T04:00:00.000000+00:00','released@nowhere');
CREATE TABLE file (
	id INTEGER NOT NULL, 
	lfn TEXT NOT NULL, 
	dataset_id INTEGER NOT NULL, 
	role TEXT NOT NULL, 
	product TEXT NOT NULL, 
	run INTEGER NOT NULL, 
	chunk TEXT NOT NULL, 
	part INTEGER, 
	size BIGINT NOT NULL, 
	adler32 BIGINT NOT NULL, 
	registered_at TEXT NOT NULL, 
	retired_at TEXT, 
	CONSTRAINT pk_file PRIMARY KEY (id), 
	CONSTRAINT ck_file_role CHECK (role IN ('raw', 'intermediate', 'final')), 
	CONSTRAINT ck_file_adler32 CHECK (adler32 BETWEEN 0 AND 4294967295), 
	CONSTRAINT ck_file_size CHECK (size >= 0), 
	CONSTRAINT fk_file_dataset_id FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE RESTRICT
);
INSERT INTO "file" VALUES(1,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11001-275678.raw',1,'raw','raw',275678,'11001',NULL,777035000,2124682009,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275678.raw',1,'raw','raw',275678,'11002',NULL,1026375000,2125468442,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(3,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11003-275678.raw',1,'raw','raw',275678,'11003',NULL,736155000,2126254875,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(4,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11004-275678.raw',1,'raw','raw',275678,'11004',NULL,846265000,2127041308,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(5,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11001-275679.raw',1,'raw','raw',275679,'11001',NULL,767585000,2125009690,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(6,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275679.raw',1,'raw','raw',275679,'11002',NULL,984095000,2125796123,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(7,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11003-275679.raw',1,'raw','raw',275679,'11003',NULL,957740000,2126582556,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(8,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11004-275679.raw',1,'raw','raw',275679,'11004',NULL,970795000,2127368989,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(9,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11001-275680.raw',1,'raw','raw',275680,'11001',NULL,917665000,2122453778,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(10,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275680.raw',1,'raw','raw',275680,'11002',NULL,820365000,2123240211,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(11,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11003-275680.raw',1,'raw','raw',275680,'11003',NULL,753795000,2124026644,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(12,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11004-275680.raw',1,'raw','raw',275680,'11004',NULL,979755000,2124813077,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(13,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11001-275681.raw',1,'raw','raw',275681,'11001',NULL,716240000,2122781459,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(14,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275681.raw',1,'raw','raw',275681,'11002',NULL,923510000,2123567892,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(15,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11003-275681.raw',1,'raw','raw',275681,'11003',NULL,948150000,2124354325,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(16,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11004-275681.raw',1,'raw','raw',275681,'11004',NULL,1048320000,2125140758,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(17,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11001-275682.raw',1,'raw','raw',275682,'11001',NULL,701190000,2123109140,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(18,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275682.raw',1,'raw','raw',275682,'11002',NULL,955395000,2123895573,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(19,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11003-275682.raw',1,'raw','raw',275682,'11003',NULL,852705000,2124682006,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(20,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11004-275682.raw',1,'raw','raw',275682,'11004',NULL,4096,2125468439,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(21,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275678-11001-0-7.root',2,'intermediate','mDST',275678,'11001',NULL,8880400,580591093,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(22,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275678-11002-0-7.root',2,'intermediate','mDST',275678,'11002',NULL,11730000,584195588,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(23,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275678-11003-0-7.root',2,'intermediate','mDST',275678,'11003',NULL,8413200,582557177,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(24,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275678-11001-0.root',3,'intermediate','hist',275678,'11001',NULL,444020,3245087223,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(25,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275678-11002-0.root',3,'intermediate','hist',275678,'11002',NULL,586500,3248560646,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(26,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275678-11003-0.root',3,'intermediate','hist',275678,'11003',NULL,420660,3246791163,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(27,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11001-275678.raw',4,'intermediate','evtdump',275678,'11001',NULL,7770000,2374376793,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(28,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11002-275678.raw',4,'intermediate','evtdump',275678,'11002',NULL,10262000,2377129316,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(29,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11003-275678.raw',4,'intermediate','evtdump',275678,'11003',NULL,7360500,2376342875,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(30,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275678-11001-0.stdout.gz',5,'intermediate','logs',275678,'11001',NULL,10,2338594742,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(31,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275678-11002-0.stdout.gz',5,'intermediate','logs',275678,'11002',NULL,10,2339577783,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(32,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275678-11003-0.stdout.gz',5,'intermediate','logs',275678,'11003',NULL,10,2340560824,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(33,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275679-11001-0-7.root',2,'intermediate','mDST',275679,'11001',NULL,8772400,583540223,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(34,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275679-11002-0-7.root',2,'intermediate','mDST',275679,'11002',NULL,11246800,584982019,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(35,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275679-11003-0-7.root',2,'intermediate','mDST',275679,'11003',NULL,10945600,586620423,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(36,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275679-11004-0-7.root',2,'intermediate','mDST',275679,'11004',NULL,11094800,588258828,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(37,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275679-11001-0.root',3,'intermediate','hist',275679,'11001',NULL,438620,3247905281,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(38,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275679-11002-0.root',3,'intermediate','hist',275679,'11002',NULL,562340,3249216005,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(39,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275679-11003-0.root',3,'intermediate','hist',275679,'11003',NULL,547280,3250723337,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(40,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275679-11004-0.root',3,'intermediate','hist',275679,'11004',NULL,554740,3252230670,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(41,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11001-275679.raw',4,'intermediate','evtdump',275679,'11001',NULL,7675500,2375949667,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(42,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11002-275679.raw',4,'intermediate','evtdump',275679,'11002',NULL,9838500,2377260385,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(43,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11003-275679.raw',4,'intermediate','evtdump',275679,'11003',NULL,9576000,2378767720,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(44,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11004-275679.raw',4,'intermediate','evtdump',275679,'11004',NULL,9705500,2380209514,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(45,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275679-11001-0.stdout.gz',5,'intermediate','logs',275679,'11001',NULL,10,2339970999,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(46,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275679-11002-0.stdout.gz',5,'intermediate','logs',275679,'11002',NULL,10,2340954040,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(47,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275679-11003-0.stdout.gz',5,'intermediate','logs',275679,'11003',NULL,10,2341937081,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(48,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275679-11004-0.stdout.gz',5,'intermediate','logs',275679,'11004',NULL,10,2342920122,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(49,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root',6,'final','mDST',275679,'',0,42059600,360390221,'2016-08-01T01:40:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(50,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root',7,'final','hist',275679,'',0,2102980,3828228420,'2016-08-01T01:40:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(51,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw',8,'final','evtdump',275679,'',0,36795500,3401982311,'2016-08-01T01:40:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(52,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip',9,'final','logs',275679,'',0,40,3412991570,'2016-08-01T01:40:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(53,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275678-0-7.root',6,'final','mDST',275678,'',0,29023600,4148305444,'2016-08-01T01:45:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(54,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275678-0-7.root',7,'final','hist',275678,'',0,1451180,3272417563,'2016-08-01T01:45:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(55,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275680-11001-0-7.root',2,'intermediate','mDST',275680,'11001',NULL,10487600,572268027,'2016-08-01T02:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(56,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275680-11001-0.root',3,'intermediate','hist',275680,'11001',NULL,524380,3237681661,'2016-08-01T02:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(57,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11001-275680.raw',4,'intermediate','evtdump',275680,'11001',NULL,9173500,2370706775,'2016-08-01T02:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(58,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275680-11001-0.stdout.gz',5,'intermediate','logs',275680,'11001',NULL,10,2329026479,'2016-08-01T02:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(59,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275678.raw',8,'final','evtdump',275678,'',0,25392500,2843156799,'2016-08-01T02:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(60,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275678.zip',9,'final','logs',275678,'',0,30,3412467280,'2016-08-01T02:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(61,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275680-11003-0-7.root',2,'intermediate','mDST',275680,'11003',NULL,8614800,573775355,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(62,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275680-11004-0-7.root',2,'intermediate','mDST',275680,'11004',NULL,11197200,577707528,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(63,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275680-11003-0.root',3,'intermediate','hist',275680,'11003',NULL,430740,3238926845,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(64,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275680-11004-0.root',3,'intermediate','hist',275680,'11004',NULL,559860,3242727946,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(65,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11003-275680.raw',4,'intermediate','evtdump',275680,'11003',NULL,7535500,2372476249,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(66,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11004-275680.raw',4,'intermediate','evtdump',275680,'11004',NULL,9796500,2375687530,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(67,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275680-11003-0.stdout.gz',5,'intermediate','logs',275680,'11003',NULL,10,2330992561,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(68,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275680-11004-0.stdout.gz',5,'intermediate','logs',275680,'11004',NULL,10,2331975602,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(69,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275681-11001-0-7.root',2,'intermediate','mDST',275681,'11001',NULL,8185600,572857848,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(70,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275681-11002-0-7.root',2,'intermediate','mDST',275681,'11002',NULL,10554400,575675906,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(71,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275681-11003-0-7.root',2,'intermediate','mDST',275681,'11003',NULL,10836000,576134652,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(72,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275681-11004-0-7.root',2,'intermediate','mDST',275681,'11004',NULL,11980800,579083782,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(73,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275681-11001-0.root',3,'intermediate','hist',275681,'11001',NULL,409280,3238140410,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(74,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275681-11002-0.root',3,'intermediate','hist',275681,'11002',NULL,527720,3240827396,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(75,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275681-11003-0.root',3,'intermediate','hist',275681,'11003',NULL,541800,3241155070,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(76,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275681-11004-0.root',3,'intermediate','hist',275681,'11004',NULL,599040,3243973128,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(77,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11001-275681.raw',4,'intermediate','evtdump',275681,'11001',NULL,7161000,2370772313,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(78,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11002-275681.raw',4,'intermediate','evtdump',275681,'11002',NULL,9233000,2373066081,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(79,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11003-275681.raw',4,'intermediate','evtdump',275681,'11003',NULL,9481500,2374049121,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(80,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11004-275681.raw',4,'intermediate','evtdump',275681,'11004',NULL,10482500,2376473961,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(81,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275681-11001-0.stdout.gz',5,'intermediate','logs',275681,'11001',NULL,10,2330402736,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(82,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275681-11002-0.stdout.gz',5,'intermediate','logs',275681,'11002',NULL,10,2331385777,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(83,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275681-11003-0.stdout.gz',5,'intermediate','logs',275681,'11003',NULL,10,2332368818,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(84,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275681-11004-0.stdout.gz',5,'intermediate','logs',275681,'11004',NULL,10,2333351859,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(85,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275681-0-7.root',6,'final','mDST',275681,'',0,41556800,353705545,'2016-08-01T03:50:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(86,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275681-0-7.root',7,'final','hist',275681,'',0,2077840,3821543744,'2016-08-01T03:50:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(87,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275681.raw',8,'final','evtdump',275681,'',0,36358000,3397853546,'2016-08-01T03:50:00.000000+00:00','2016-08-01T03:50:00.000000+00:00');
INSERT INTO "file" VALUES(88,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275681.zip',9,'final','logs',275681,'',0,40,3409845835,'2016-08-01T03:50:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(89,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275680-11002-0-7.root',2,'intermediate','mDST',275680,'11002',NULL,9375600,573185533,'2016-08-01T03:55:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(90,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275680-11002-0.root',3,'intermediate','hist',275680,'11002',NULL,468780,3238468095,'2016-08-01T03:55:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(91,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11002-275680.raw',4,'intermediate','evtdump',275680,'11002',NULL,8200500,2371624281,'2016-08-01T03:55:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(92,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275680-11002-0.stdout.gz',5,'intermediate','logs',275680,'11002',NULL,10,2330009520,'2016-08-01T03:55:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(93,'/castor/cern.ch/compass/data/2016/raw/W15/cdr11001-275678.raw',10,'raw','raw',275678,'11001',NULL,777035000,2124682009,'2016-08-01T04:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(94,'/castor/cern.ch/compass/data/2016/raw/W15/cdr11002-275678.raw',10,'raw','raw',275678,'11002',NULL,1026375000,2125468442,'2016-08-01T04:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(95,'/castor/cern.ch/compass/data/2016/raw/W15/cdr11003-275678.raw',10,'raw','raw',275678,'11003',NULL,736155000,2126254875,'2016-08-01T04:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(96,'/castor/cern.ch/compass/data/2016/raw/W15/cdr11004-275678.raw',10,'raw','raw',275678,'11004',NULL,846265000,2127041308,'2016-08-01T04:00:00.000000+00:00',NULL);
CREATE TABLE gap (
	id INTEGER NOT NULL, 
	task_id INTEGER NOT NULL, 
	file_id INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	approver TEXT NOT NULL, 
	n_events BIGINT, 
	registered_at TEXT NOT NULL, 
	CONSTRAINT pk_gap PRIMARY KEY (id), 
	CONSTRAINT fk_gap_file_id FOREIGN KEY(file_id) REFERENCES file (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_gap_task_id FOREIGN KEY(task_id) REFERENCES task (id) ON DELETE RESTRICT, 
	CONSTRAINT uq_gap_task_id_file_id UNIQUE (task_id, file_id)
);
INSERT INTO "gap" VALUES(1,1,4,'a person''s reason: quotes '' and \ and é, and a tab','X. Y',24179,'2016-08-01T01:15:00.000000+00:00');
CREATE TABLE history (
	id INTEGER NOT NULL, 
	noun TEXT NOT NULL, 
	noun_id INTEGER NOT NULL, 
	event TEXT NOT NULL, 
	old TEXT NOT NULL, 
	new TEXT NOT NULL, 
	at TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	CONSTRAINT pk_history PRIMARY KEY (id)
);
INSERT INTO "history" VALUES(1,'dataset',1,'born','','OPEN','2016-08-01T00:00:00.000000+00:00','root@vm','named in the configuration');
INSERT INTO "history" VALUES(2,'task',1,'defined','','','2016-08-01T00:00:00.000000+00:00','root@vm','named in the configuration');
INSERT INTO "history" VALUES(3,'replica',1,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(4,'replica',2,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(5,'replica',3,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(6,'replica',4,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(7,'replica',5,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(8,'replica',6,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(9,'replica',7,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(10,'replica',8,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(11,'replica',9,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(12,'replica',10,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(13,'replica',11,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(14,'replica',12,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(15,'replica',13,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(16,'replica',14,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(17,'replica',15,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(18,'replica',16,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(19,'replica',17,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(20,'replica',18,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(21,'replica',19,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(22,'replica',20,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(23,'file',1,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(24,'file',2,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(25,'file',3,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(26,'file',4,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(27,'file',5,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(28,'file',6,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(29,'file',7,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(30,'file',8,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(31,'file',9,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(32,'file',10,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(33,'file',11,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(34,'file',12,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(35,'file',13,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(36,'file',14,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(37,'file',15,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(38,'file',16,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(39,'file',17,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(40,'file',18,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(41,'file',19,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(42,'file',20,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(43,'dataset',1,'closed','OPEN','CLOSED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(44,'replica',1,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(45,'replica',2,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(46,'replica',3,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(47,'replica',4,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(48,'replica',5,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(49,'replica',6,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(50,'replica',7,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(51,'replica',8,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(52,'replica',9,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(53,'replica',10,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(54,'replica',11,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(55,'replica',12,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(56,'replica',13,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(57,'replica',14,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(58,'replica',15,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(59,'replica',16,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(60,'replica',17,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(61,'replica',18,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(62,'replica',19,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(63,'replica',20,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(64,'job',1,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(65,'job',2,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(66,'job',3,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(67,'job',4,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(68,'job',5,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(69,'job',6,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(70,'job',7,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(71,'job',8,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(72,'job',9,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(73,'job',10,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(74,'job',11,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(75,'job',12,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(76,'job',13,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(77,'job',14,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(78,'job',15,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(79,'job',16,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(80,'job',17,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(81,'job',18,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(82,'job',19,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(83,'job',20,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(84,'item',1,'claimed','QUEUED','SUBMITTING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(85,'item',2,'claimed','QUEUED','SUBMITTING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(86,'item',3,'claimed','QUEUED','SUBMITTING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(87,'item',4,'claimed','QUEUED','SUBMITTING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(88,'item',1,'accepted','SUBMITTING','SUBMITTED','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(89,'item',2,'accepted','SUBMITTING','SUBMITTED','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(90,'item',3,'accepted','SUBMITTING','SUBMITTED','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(91,'item',4,'accepted','SUBMITTING','SUBMITTED','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(92,'item',1,'done','SUBMITTED','DONE','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(93,'item',2,'done','SUBMITTED','DONE','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(94,'item',3,'done','SUBMITTED','DONE','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(95,'item',4,'failed','SUBMITTED','HELD','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','tape_lost: /castor/cern.ch/compass/data/2016/raw/W14/cdr11004-275678.raw cannot be read from tape V275678 — tape_lost does not pass by itself: a person must look');
INSERT INTO "history" VALUES(96,'job',1,'inputs_readable','WAITING','READY','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(97,'job',2,'inputs_readable','WAITING','READY','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(98,'job',3,'inputs_readable','WAITING','READY','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(99,'job',1,'claimed','READY','SUBMITTING','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(100,'job',2,'claimed','READY','SUBMITTING','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(101,'job',3,'claimed','READY','SUBMITTING','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(102,'job',1,'accepted','SUBMITTING','RUNNING','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(103,'job',2,'accepted','SUBMITTING','RUNNING','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(104,'job',3,'accepted','SUBMITTING','RUNNING','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(105,'dataset',2,'born','','OPEN','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(106,'dataset',3,'born','','OPEN','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(107,'dataset',4,'born','','OPEN','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(108,'dataset',5,'born','','OPEN','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(109,'job',1,'ended_well','RUNNING','ENDED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(110,'job',2,'ended_well','RUNNING','ENDED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(111,'job',3,'ended_well','RUNNING','ENDED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(112,'replica',21,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(113,'replica',22,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(114,'replica',23,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(115,'file',21,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(116,'file',22,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(117,'file',23,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(118,'replica',24,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(119,'replica',25,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(120,'replica',26,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(121,'file',24,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(122,'file',25,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(123,'file',26,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(124,'replica',27,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(125,'replica',28,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(126,'replica',29,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(127,'file',27,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(128,'file',28,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(129,'file',29,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(130,'replica',30,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(131,'replica',31,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(132,'replica',32,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(133,'file',30,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(134,'file',31,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(135,'file',32,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(136,'job',1,'outputs_registered','ENDED','DONE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(137,'job',2,'outputs_registered','ENDED','DONE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(138,'job',3,'outputs_registered','ENDED','DONE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(139,'pin',1,'last_reader_left','ACTIVE','RELEASING','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(140,'pin',2,'last_reader_left','ACTIVE','RELEASING','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(141,'pin',3,'last_reader_left','ACTIVE','RELEASING','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(142,'pin',1,'released','RELEASING','RELEASED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(143,'pin',2,'released','RELEASING','RELEASED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(144,'pin',3,'released','RELEASING','RELEASED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(145,'item',5,'claimed','QUEUED','SUBMITTING','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(146,'item',6,'claimed','QUEUED','SUBMITTING','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(147,'item',7,'claimed','QUEUED','SUBMITTING','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(148,'item',8,'claimed','QUEUED','SUBMITTING','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(149,'item',5,'accepted','SUBMITTING','SUBMITTED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(150,'item',6,'accepted','SUBMITTING','SUBMITTED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(151,'item',7,'accepted','SUBMITTING','SUBMITTED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(152,'item',8,'accepted','SUBMITTING','SUBMITTED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(153,'replica',21,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(154,'replica',22,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(155,'replica',23,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(156,'replica',24,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(157,'replica',25,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(158,'replica',26,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(159,'replica',27,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(160,'replica',28,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(161,'replica',29,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(162,'replica',30,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(163,'replica',31,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(164,'replica',32,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(165,'item',5,'done','SUBMITTED','DONE','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(166,'item',6,'done','SUBMITTED','DONE','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(167,'item',7,'done','SUBMITTED','DONE','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(168,'item',8,'done','SUBMITTED','DONE','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(169,'job',5,'inputs_readable','WAITING','READY','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(170,'job',6,'inputs_readable','WAITING','READY','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(171,'job',7,'inputs_readable','WAITING','READY','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(172,'job',8,'inputs_readable','WAITING','READY','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(173,'job',5,'claimed','READY','SUBMITTING','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(174,'job',6,'claimed','READY','SUBMITTING','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(175,'job',7,'claimed','READY','SUBMITTING','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(176,'job',8,'claimed','READY','SUBMITTING','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(177,'job',5,'accepted','SUBMITTING','RUNNING','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(178,'job',6,'accepted','SUBMITTING','RUNNING','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(179,'job',7,'accepted','SUBMITTING','RUNNING','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(180,'job',8,'accepted','SUBMITTING','RUNNING','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(181,'job',5,'ended_well','RUNNING','ENDED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(182,'job',6,'ended_well','RUNNING','ENDED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(183,'job',7,'ended_well','RUNNING','ENDED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(184,'job',8,'ended_well','RUNNING','ENDED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(185,'replica',33,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(186,'replica',34,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(187,'replica',35,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(188,'replica',36,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(189,'file',33,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(190,'file',34,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(191,'file',35,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(192,'file',36,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(193,'replica',37,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(194,'replica',38,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(195,'replica',39,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(196,'replica',40,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(197,'file',37,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(198,'file',38,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(199,'file',39,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(200,'file',40,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(201,'replica',41,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(202,'replica',42,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(203,'replica',43,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(204,'replica',44,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(205,'file',41,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(206,'file',42,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(207,'file',43,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(208,'file',44,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(209,'replica',45,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(210,'replica',46,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(211,'replica',47,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(212,'replica',48,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(213,'file',45,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(214,'file',46,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(215,'file',47,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(216,'file',48,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(217,'job',5,'outputs_registered','ENDED','DONE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(218,'job',6,'outputs_registered','ENDED','DONE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(219,'job',7,'outputs_registered','ENDED','DONE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(220,'job',8,'outputs_registered','ENDED','DONE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(221,'pin',4,'last_reader_left','ACTIVE','RELEASING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(222,'pin',5,'last_reader_left','ACTIVE','RELEASING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(223,'pin',6,'last_reader_left','ACTIVE','RELEASING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(224,'pin',7,'last_reader_left','ACTIVE','RELEASING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(225,'pin',4,'released','RELEASING','RELEASED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(226,'pin',5,'released','RELEASING','RELEASED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(227,'pin',6,'released','RELEASING','RELEASED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(228,'pin',7,'released','RELEASING','RELEASED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(229,'item',9,'claimed','QUEUED','SUBMITTING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(230,'item',10,'claimed','QUEUED','SUBMITTING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(231,'item',11,'claimed','QUEUED','SUBMITTING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(232,'item',12,'claimed','QUEUED','SUBMITTING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(233,'item',9,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(234,'item',10,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(235,'item',11,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(236,'item',12,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(237,'group',1,'born','','PLANNED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(238,'job',21,'born','','WAITING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(239,'group',1,'job_created','PLANNED','MERGING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(240,'group',2,'born','','PLANNED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(241,'job',22,'born','','WAITING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(242,'group',2,'job_created','PLANNED','MERGING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(243,'group',3,'born','','PLANNED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(244,'job',23,'born','','WAITING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(245,'group',3,'job_created','PLANNED','MERGING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(246,'group',4,'born','','PLANNED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(247,'job',24,'born','','WAITING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(248,'group',4,'job_created','PLANNED','MERGING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(249,'replica',33,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(250,'replica',34,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(251,'replica',35,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(252,'replica',36,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(253,'replica',37,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(254,'replica',38,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(255,'replica',39,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(256,'replica',40,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(257,'replica',41,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(258,'replica',42,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(259,'replica',43,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(260,'replica',44,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(261,'replica',45,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(262,'replica',46,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(263,'replica',47,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(264,'replica',48,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(265,'job',21,'inputs_readable','WAITING','READY','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(266,'job',22,'inputs_readable','WAITING','READY','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(267,'job',23,'inputs_readable','WAITING','READY','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(268,'job',24,'inputs_readable','WAITING','READY','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(269,'job',21,'claimed','READY','SUBMITTING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(270,'job',22,'claimed','READY','SUBMITTING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(271,'job',23,'claimed','READY','SUBMITTING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(272,'job',24,'claimed','READY','SUBMITTING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(273,'job',21,'accepted','SUBMITTING','RUNNING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(274,'job',22,'accepted','SUBMITTING','RUNNING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(275,'job',23,'accepted','SUBMITTING','RUNNING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(276,'job',24,'accepted','SUBMITTING','RUNNING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(277,'job',4,'canceled','WAITING','CANCELED','2016-08-01T01:15:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(278,'item',4,'given_up','HELD','FAILED','2016-08-01T01:15:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(279,'file',4,'gap_registered','','','2016-08-01T01:15:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab (approved by X. Y)');
INSERT INTO "history" VALUES(280,'group',5,'born','','PLANNED','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(281,'job',25,'born','','WAITING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(282,'group',5,'job_created','PLANNED','MERGING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(283,'group',6,'born','','PLANNED','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(284,'job',26,'born','','WAITING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(285,'group',6,'job_created','PLANNED','MERGING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(286,'group',7,'born','','PLANNED','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(287,'job',27,'born','','WAITING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(288,'group',7,'job_created','PLANNED','MERGING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(289,'group',8,'born','','PLANNED','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(290,'job',28,'born','','WAITING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(291,'group',8,'job_created','PLANNED','MERGING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(292,'item',9,'done','SUBMITTED','DONE','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(293,'item',10,'done','SUBMITTED','DONE','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(294,'item',11,'done','SUBMITTED','DONE','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(295,'item',12,'done','SUBMITTED','DONE','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(296,'job',9,'inputs_readable','WAITING','READY','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(297,'job',10,'inputs_readable','WAITING','READY','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(298,'job',11,'inputs_readable','WAITING','READY','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(299,'job',12,'inputs_readable','WAITING','READY','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(300,'job',25,'inputs_readable','WAITING','READY','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(301,'job',26,'inputs_readable','WAITING','READY','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(302,'job',27,'inputs_readable','WAITING','READY','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(303,'job',28,'inputs_readable','WAITING','READY','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(304,'job',25,'claimed','READY','SUBMITTING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(305,'job',26,'claimed','READY','SUBMITTING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(306,'job',25,'accepted','SUBMITTING','RUNNING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(307,'job',26,'accepted','SUBMITTING','RUNNING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(308,'dataset',6,'born','','OPEN','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(309,'dataset',7,'born','','OPEN','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(310,'dataset',8,'born','','OPEN','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(311,'dataset',9,'born','','OPEN','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(312,'job',21,'ended_well','RUNNING','ENDED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(313,'job',22,'ended_well','RUNNING','ENDED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(314,'job',23,'ended_well','RUNNING','ENDED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(315,'job',24,'ended_well','RUNNING','ENDED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(316,'replica',49,'born','','UNVERIFIED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(317,'file',49,'registered','','','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(318,'replica',50,'born','','UNVERIFIED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(319,'file',50,'registered','','','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(320,'replica',51,'born','','UNVERIFIED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(321,'file',51,'registered','','','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(322,'replica',52,'born','','UNVERIFIED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(323,'file',52,'registered','','','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(324,'group',1,'output_registered','MERGING','MERGED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(325,'group',2,'output_registered','MERGING','MERGED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(326,'group',3,'output_registered','MERGING','MERGED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(327,'group',4,'output_registered','MERGING','MERGED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(328,'job',21,'outputs_registered','ENDED','DONE','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(329,'job',22,'outputs_registered','ENDED','DONE','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(330,'job',23,'outputs_registered','ENDED','DONE','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(331,'job',24,'outputs_registered','ENDED','DONE','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(332,'job',9,'claimed','READY','SUBMITTING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(333,'job',10,'claimed','READY','SUBMITTING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(334,'job',27,'claimed','READY','SUBMITTING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(335,'job',28,'claimed','READY','SUBMITTING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(336,'job',9,'accepted','SUBMITTING','RUNNING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(337,'job',10,'accepted','SUBMITTING','RUNNING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(338,'job',27,'accepted','SUBMITTING','RUNNING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(339,'job',28,'accepted','SUBMITTING','RUNNING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(340,'replica',49,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(341,'replica',50,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(342,'replica',51,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(343,'replica',52,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(344,'check',1,'born','','PENDING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(345,'check',2,'born','','PENDING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(346,'check',3,'born','','PENDING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(347,'check',4,'born','','PENDING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(348,'check',1,'agree','PENDING','PASSED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(349,'check',2,'agree','PENDING','PASSED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(350,'check',3,'agree','PENDING','PASSED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(351,'check',4,'agree','PENDING','PASSED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(352,'group',1,'counts_agree','MERGED','CHECKED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(353,'group',2,'counts_agree','MERGED','CHECKED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(354,'group',3,'counts_agree','MERGED','CHECKED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(355,'group',4,'counts_agree','MERGED','CHECKED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(356,'replica',53,'born','','COPYING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(357,'replica',54,'born','','COPYING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(358,'replica',55,'born','','COPYING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(359,'replica',56,'born','','COPYING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(360,'item',21,'claimed','QUEUED','SUBMITTING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(361,'item',22,'claimed','QUEUED','SUBMITTING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(362,'item',23,'claimed','QUEUED','SUBMITTING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(363,'item',24,'claimed','QUEUED','SUBMITTING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(364,'item',21,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(365,'item',22,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(366,'item',23,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(367,'item',24,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(368,'item',21,'done','SUBMITTED','DONE','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(369,'item',22,'done','SUBMITTED','DONE','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(370,'item',23,'done','SUBMITTED','DONE','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(371,'item',24,'done','SUBMITTED','DONE','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(372,'replica',53,'landed','COPYING','UNVERIFIED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(373,'replica',54,'landed','COPYING','UNVERIFIED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(374,'replica',55,'landed','COPYING','UNVERIFIED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(375,'replica',56,'landed','COPYING','UNVERIFIED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(376,'replica',53,'verified_in_buffer','UNVERIFIED','ARCHIVING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','size and adler32 agree (adler32 by service), in the buffer, not yet on tape');
INSERT INTO "history" VALUES(377,'replica',54,'verified_in_buffer','UNVERIFIED','ARCHIVING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','size and adler32 agree (adler32 by service), in the buffer, not yet on tape');
INSERT INTO "history" VALUES(378,'replica',55,'verified_in_buffer','UNVERIFIED','ARCHIVING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','size and adler32 agree (adler32 by service), in the buffer, not yet on tape');
INSERT INTO "history" VALUES(379,'replica',56,'verified_in_buffer','UNVERIFIED','ARCHIVING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','size and adler32 agree (adler32 by service), in the buffer, not yet on tape');
INSERT INTO "history" VALUES(380,'job',25,'ended_well','RUNNING','ENDED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(381,'job',26,'ended_well','RUNNING','ENDED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(382,'replica',57,'born','','UNVERIFIED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(383,'file',53,'registered','','','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(384,'replica',58,'born','','UNVERIFIED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(385,'file',54,'registered','','','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(386,'group',5,'output_registered','MERGING','MERGED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(387,'group',6,'output_registered','MERGING','MERGED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(388,'job',25,'outputs_registered','ENDED','DONE','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(389,'job',26,'outputs_registered','ENDED','DONE','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(390,'job',11,'claimed','READY','SUBMITTING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(391,'job',12,'claimed','READY','SUBMITTING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(392,'job',11,'accepted','SUBMITTING','RUNNING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(393,'job',12,'accepted','SUBMITTING','RUNNING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(394,'replica',57,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(395,'replica',58,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(396,'check',5,'born','','PENDING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(397,'check',6,'born','','PENDING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(398,'check',5,'agree','PENDING','PASSED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(399,'check',6,'agree','PENDING','PASSED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(400,'group',5,'counts_agree','MERGED','CHECKED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(401,'group',6,'counts_agree','MERGED','CHECKED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(402,'replica',59,'born','','COPYING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(403,'replica',60,'born','','COPYING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(404,'item',25,'claimed','QUEUED','SUBMITTING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(405,'item',26,'claimed','QUEUED','SUBMITTING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(406,'item',25,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(407,'item',26,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(408,'item',25,'done','SUBMITTED','DONE','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(409,'item',26,'done','SUBMITTED','DONE','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(410,'replica',59,'landed','COPYING','UNVERIFIED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(411,'replica',60,'landed','COPYING','UNVERIFIED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(412,'replica',59,'verified_in_buffer','UNVERIFIED','ARCHIVING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','size and adler32 agree (adler32 by service), in the buffer, not yet on tape');
INSERT INTO "history" VALUES(413,'replica',60,'verified_in_buffer','UNVERIFIED','ARCHIVING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','size and adler32 agree (adler32 by service), in the buffer, not yet on tape');
INSERT INTO "history" VALUES(414,'replica',53,'on_tape','ARCHIVING','AVAILABLE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(415,'replica',54,'on_tape','ARCHIVING','AVAILABLE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(416,'replica',55,'on_tape','ARCHIVING','AVAILABLE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(417,'replica',56,'on_tape','ARCHIVING','AVAILABLE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(418,'group',1,'output_on_tape','CHECKED','ARCHIVED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(419,'group',2,'output_on_tape','CHECKED','ARCHIVED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(420,'group',3,'output_on_tape','CHECKED','ARCHIVED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(421,'group',4,'output_on_tape','CHECKED','ARCHIVED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(422,'replica',33,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate b7bbb808b0795bde: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root');
INSERT INTO "history" VALUES(423,'replica',34,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate b7bbb808b0795bde: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root');
INSERT INTO "history" VALUES(424,'replica',35,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate b7bbb808b0795bde: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root');
INSERT INTO "history" VALUES(425,'replica',36,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate b7bbb808b0795bde: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root');
INSERT INTO "history" VALUES(426,'replica',37,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 662f057d8993902a: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root');
INSERT INTO "history" VALUES(427,'replica',38,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 662f057d8993902a: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root');
INSERT INTO "history" VALUES(428,'replica',39,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 662f057d8993902a: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root');
INSERT INTO "history" VALUES(429,'replica',40,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 662f057d8993902a: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root');
INSERT INTO "history" VALUES(430,'replica',41,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 39c63d7b3406d776: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw');
INSERT INTO "history" VALUES(431,'replica',42,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 39c63d7b3406d776: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw');
INSERT INTO "history" VALUES(432,'replica',43,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 39c63d7b3406d776: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw');
INSERT INTO "history" VALUES(433,'replica',44,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 39c63d7b3406d776: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw');
INSERT INTO "history" VALUES(434,'replica',45,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 9328e769fda1670c: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip');
INSERT INTO "history" VALUES(435,'replica',46,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 9328e769fda1670c: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip');
INSERT INTO "history" VALUES(436,'replica',47,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 9328e769fda1670c: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip');
INSERT INTO "history" VALUES(437,'replica',48,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 9328e769fda1670c: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip');
INSERT INTO "history" VALUES(438,'item',27,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(439,'item',28,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(440,'item',29,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(441,'item',30,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(442,'item',31,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(443,'item',32,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(444,'item',33,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(445,'item',34,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(446,'item',35,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(447,'item',36,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(448,'item',37,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(449,'item',38,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(450,'item',39,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(451,'item',40,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(452,'item',41,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(453,'item',42,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(454,'replica',33,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(455,'replica',34,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(456,'replica',35,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(457,'replica',36,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(458,'replica',37,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(459,'replica',38,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(460,'replica',39,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(461,'replica',40,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(462,'replica',41,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(463,'replica',42,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(464,'replica',43,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(465,'replica',44,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(466,'replica',45,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(467,'replica',46,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(468,'replica',47,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(469,'replica',48,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(470,'item',27,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(471,'item',28,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(472,'item',29,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(473,'item',30,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(474,'item',31,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(475,'item',32,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(476,'item',33,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(477,'item',34,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(478,'item',35,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(479,'item',36,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(480,'item',37,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(481,'item',38,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(482,'item',39,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(483,'item',40,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(484,'item',41,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(485,'item',42,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(486,'item',27,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(487,'item',28,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(488,'item',29,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(489,'item',30,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(490,'item',31,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(491,'item',32,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(492,'item',33,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(493,'item',34,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(494,'item',35,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(495,'item',36,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(496,'item',37,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(497,'item',38,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(498,'item',39,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(499,'item',40,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(500,'item',41,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(501,'item',42,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(502,'replica',33,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(503,'replica',34,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(504,'replica',35,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(505,'replica',36,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(506,'replica',37,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(507,'replica',38,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(508,'replica',39,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(509,'replica',40,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(510,'replica',41,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(511,'replica',42,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(512,'replica',43,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(513,'replica',44,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(514,'replica',45,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(515,'replica',46,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(516,'replica',47,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(517,'replica',48,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(518,'group',1,'inputs_gone','ARCHIVED','CLEANED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(519,'group',2,'inputs_gone','ARCHIVED','CLEANED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(520,'group',3,'inputs_gone','ARCHIVED','CLEANED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(521,'group',4,'inputs_gone','ARCHIVED','CLEANED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(522,'replica',59,'on_tape','ARCHIVING','AVAILABLE','2016-08-01T01:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(523,'replica',60,'on_tape','ARCHIVING','AVAILABLE','2016-08-01T01:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(524,'group',5,'output_on_tape','CHECKED','ARCHIVED','2016-08-01T01:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(525,'group',6,'output_on_tape','CHECKED','ARCHIVED','2016-08-01T01:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(526,'job',9,'ended_well','RUNNING','ENDED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(527,'job',27,'ended_well','RUNNING','ENDED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(528,'job',28,'ended_well','RUNNING','ENDED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(529,'replica',61,'born','','UNVERIFIED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(530,'file',55,'registered','','','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(531,'replica',62,'born','','UNVERIFIED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(532,'file',56,'registered','','','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(533,'replica',63,'born','','UNVERIFIED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(534,'file',57,'registered','','','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(535,'replica',64,'born','','UNVERIFIED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(536,'file',58,'registered','','','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(537,'replica',65,'born','','UNVERIFIED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(538,'file',59,'registered','','','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(539,'replica',66,'born','','UNVERIFIED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(540,'file',60,'registered','','','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(541,'group',7,'output_registered','MERGING','MERGED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(542,'group',8,'output_registered','MERGING','MERGED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(543,'job',9,'outputs_registered','ENDED','DONE','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(544,'job',27,'outputs_registered','ENDED','DONE','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(545,'job',28,'outputs_registered','ENDED','DONE','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(546,'job',10,'vanished','RUNNING','WAITING','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','vanished: lost by the runner');
INSERT INTO "history" VALUES(547,'pin',8,'last_reader_left','ACTIVE','RELEASING','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(548,'pin',8,'released','RELEASING','RELEASED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(549,'replica',61,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(550,'replica',62,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(551,'replica',63,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(552,'replica',64,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(553,'replica',65,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(554,'replica',66,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(555,'check',7,'born','','PENDING','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(556,'check',8,'born','','PENDING','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(557,'check',8,'agree','PENDING','PASSED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(558,'group',8,'counts_agree','MERGED','CHECKED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(559,'check',7,'differ','PENDING','FAILED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','part 0: its 3 files hold 7255 events, the merge job says 7255, the merged file holds 7254');
INSERT INTO "history" VALUES(560,'group',7,'counts_differ','MERGED','MISMATCHED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','part 0: its 3 files hold 7255 events, the merge job says 7255, the merged file holds 7254');
INSERT INTO "history" VALUES(561,'replica',67,'born','','COPYING','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(562,'item',43,'claimed','QUEUED','SUBMITTING','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(563,'item',43,'accepted','SUBMITTING','SUBMITTED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(564,'item',43,'done','SUBMITTED','DONE','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(565,'replica',67,'landed','COPYING','UNVERIFIED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(566,'replica',67,'verified_in_buffer','UNVERIFIED','ARCHIVING','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','size and adler32 agree (adler32 by service), in the buffer, not yet on tape');
INSERT INTO "history" VALUES(567,'job',11,'ended_well','RUNNING','ENDED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(568,'job',12,'ended_well','RUNNING','ENDED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(569,'replica',68,'born','','UNVERIFIED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(570,'replica',69,'born','','UNVERIFIED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(571,'file',61,'registered','','','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(572,'file',62,'registered','','','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(573,'replica',70,'born','','UNVERIFIED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(574,'replica',71,'born','','UNVERIFIED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(575,'file',63,'registered','','','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(576,'file',64,'registered','','','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(577,'replica',72,'born','','UNVERIFIED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(578,'replica',73,'born','','UNVERIFIED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(579,'file',65,'registered','','','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(580,'file',66,'registered','','','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(581,'replica',74,'born','','UNVERIFIED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(582,'replica',75,'born','','UNVERIFIED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(583,'file',67,'registered','','','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(584,'file',68,'registered','','','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(585,'job',11,'outputs_registered','ENDED','DONE','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(586,'job',12,'outputs_registered','ENDED','DONE','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(587,'pin',10,'last_reader_left','ACTIVE','RELEASING','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(588,'pin',11,'last_reader_left','ACTIVE','RELEASING','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(589,'pin',10,'released','RELEASING','RELEASED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(590,'pin',11,'released','RELEASING','RELEASED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(591,'job',10,'inputs_readable','WAITING','READY','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(592,'job',10,'claimed','READY','SUBMITTING','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(593,'job',10,'accepted','SUBMITTING','RUNNING','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(594,'replica',68,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(595,'replica',69,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(596,'replica',70,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(597,'replica',71,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(598,'replica',72,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(599,'replica',73,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(600,'replica',74,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(601,'replica',75,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(602,'replica',67,'on_tape','ARCHIVING','AVAILABLE','2016-08-01T02:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(603,'group',8,'output_on_tape','CHECKED','ARCHIVED','2016-08-01T02:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(604,'job',10,'ended_badly','RUNNING','WAITING','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','checksum_mismatch: /castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275680.raw: bytes differ');
INSERT INTO "history" VALUES(605,'pin',9,'last_reader_left','ACTIVE','RELEASING','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','a job could not use it: /castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275680.raw: bytes differ');
INSERT INTO "history" VALUES(606,'pin',9,'released','RELEASING','RELEASED','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(607,'item',13,'claimed','QUEUED','SUBMITTING','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(608,'item',14,'claimed','QUEUED','SUBMITTING','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(609,'item',15,'claimed','QUEUED','SUBMITTING','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(610,'item',16,'claimed','QUEUED','SUBMITTING','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(611,'item',13,'accepted','SUBMITTING','SUBMITTED','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(612,'item',14,'accepted','SUBMITTING','SUBMITTED','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(613,'item',15,'accepted','SUBMITTING','SUBMITTED','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(614,'item',16,'accepted','SUBMITTING','SUBMITTED','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(615,'item',13,'done','SUBMITTED','DONE','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(616,'item',14,'done','SUBMITTED','DONE','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(617,'item',15,'done','SUBMITTED','DONE','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(618,'item',16,'done','SUBMITTED','DONE','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(619,'job',13,'inputs_readable','WAITING','READY','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(620,'job',14,'inputs_readable','WAITING','READY','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(621,'job',15,'inputs_readable','WAITING','READY','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(622,'job',16,'inputs_readable','WAITING','READY','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(623,'job',13,'claimed','READY','SUBMITTING','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(624,'job',14,'claimed','READY','SUBMITTING','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(625,'job',15,'claimed','READY','SUBMITTING','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(626,'job',16,'claimed','READY','SUBMITTING','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(627,'job',13,'accepted','SUBMITTING','RUNNING','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(628,'job',14,'accepted','SUBMITTING','RUNNING','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(629,'job',15,'accepted','SUBMITTING','RUNNING','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(630,'job',16,'accepted','SUBMITTING','RUNNING','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(631,'job',13,'ended_well','RUNNING','ENDED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(632,'job',14,'ended_well','RUNNING','ENDED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(633,'job',15,'ended_well','RUNNING','ENDED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(634,'job',16,'ended_well','RUNNING','ENDED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(635,'replica',76,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(636,'replica',77,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(637,'replica',78,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(638,'replica',79,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(639,'file',69,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(640,'file',70,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(641,'file',71,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(642,'file',72,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(643,'replica',80,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(644,'replica',81,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(645,'replica',82,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(646,'replica',83,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(647,'file',73,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(648,'file',74,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(649,'file',75,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(650,'file',76,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(651,'replica',84,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(652,'replica',85,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(653,'replica',86,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(654,'replica',87,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(655,'file',77,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(656,'file',78,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(657,'file',79,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(658,'file',80,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(659,'replica',88,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(660,'replica',89,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(661,'replica',90,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(662,'replica',91,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(663,'file',81,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(664,'file',82,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(665,'file',83,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(666,'file',84,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(667,'job',13,'outputs_registered','ENDED','DONE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(668,'job',14,'outputs_registered','ENDED','DONE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(669,'job',15,'outputs_registered','ENDED','DONE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(670,'job',16,'outputs_registered','ENDED','DONE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(671,'pin',12,'last_reader_left','ACTIVE','RELEASING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(672,'pin',13,'last_reader_left','ACTIVE','RELEASING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(673,'pin',14,'last_reader_left','ACTIVE','RELEASING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(674,'pin',15,'last_reader_left','ACTIVE','RELEASING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(675,'pin',12,'released','RELEASING','RELEASED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(676,'pin',13,'released','RELEASING','RELEASED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(677,'pin',14,'released','RELEASING','RELEASED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(678,'pin',15,'released','RELEASING','RELEASED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(679,'item',17,'claimed','QUEUED','SUBMITTING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(680,'item',18,'claimed','QUEUED','SUBMITTING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(681,'item',19,'claimed','QUEUED','SUBMITTING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(682,'item',20,'claimed','QUEUED','SUBMITTING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(683,'item',44,'claimed','QUEUED','SUBMITTING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(684,'item',17,'accepted','SUBMITTING','SUBMITTED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(685,'item',18,'accepted','SUBMITTING','SUBMITTED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(686,'item',19,'accepted','SUBMITTING','SUBMITTED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(687,'item',20,'accepted','SUBMITTING','SUBMITTED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(688,'item',44,'accepted','SUBMITTING','SUBMITTED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(689,'group',9,'born','','PLANNED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(690,'job',29,'born','','WAITING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(691,'group',9,'job_created','PLANNED','MERGING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(692,'group',10,'born','','PLANNED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(693,'job',30,'born','','WAITING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(694,'group',10,'job_created','PLANNED','MERGING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(695,'group',11,'born','','PLANNED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(696,'job',31,'born','','WAITING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(697,'group',11,'job_created','PLANNED','MERGING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(698,'group',12,'born','','PLANNED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(699,'job',32,'born','','WAITING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(700,'group',12,'job_created','PLANNED','MERGING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(701,'replica',76,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(702,'replica',77,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(703,'replica',78,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(704,'replica',79,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(705,'replica',80,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(706,'replica',81,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(707,'replica',82,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(708,'replica',83,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(709,'replica',84,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(710,'replica',85,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(711,'replica',86,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(712,'replica',87,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(713,'replica',88,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(714,'replica',89,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(715,'replica',90,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(716,'replica',91,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(717,'job',29,'inputs_readable','WAITING','READY','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(718,'job',30,'inputs_readable','WAITING','READY','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(719,'job',31,'inputs_readable','WAITING','READY','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(720,'job',32,'inputs_readable','WAITING','READY','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(721,'job',29,'claimed','READY','SUBMITTING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(722,'job',30,'claimed','READY','SUBMITTING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(723,'job',31,'claimed','READY','SUBMITTING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(724,'job',32,'claimed','READY','SUBMITTING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(725,'job',29,'accepted','SUBMITTING','RUNNING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(726,'job',30,'accepted','SUBMITTING','RUNNING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(727,'job',31,'accepted','SUBMITTING','RUNNING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(728,'job',32,'accepted','SUBMITTING','RUNNING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(729,'item',17,'done','SUBMITTED','DONE','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(730,'item',19,'done','SUBMITTED','DONE','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(731,'item',20,'done','SUBMITTED','DONE','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(732,'item',44,'done','SUBMITTED','DONE','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(733,'item',18,'failed','SUBMITTED','HELD','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','tape_lost: /castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275682.raw cannot be read from tape V275682 — tape_lost does not pass by itself: a person must look');
INSERT INTO "history" VALUES(734,'job',10,'inputs_readable','WAITING','READY','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(735,'job',17,'inputs_readable','WAITING','READY','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(736,'job',19,'inputs_readable','WAITING','READY','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(737,'job',20,'inputs_readable','WAITING','READY','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(738,'job',10,'claimed','READY','SUBMITTING','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(739,'job',17,'claimed','READY','SUBMITTING','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(740,'job',10,'accepted','SUBMITTING','RUNNING','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(741,'job',17,'accepted','SUBMITTING','RUNNING','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(742,'job',29,'ended_well','RUNNING','ENDED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(743,'job',30,'ended_well','RUNNING','ENDED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(744,'job',31,'ended_well','RUNNING','ENDED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(745,'job',32,'ended_well','RUNNING','ENDED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(746,'replica',92,'born','','UNVERIFIED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(747,'file',85,'registered','','','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(748,'replica',93,'born','','UNVERIFIED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(749,'file',86,'registered','','','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(750,'replica',94,'born','','UNVERIFIED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(751,'file',87,'registered','','','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(752,'replica',95,'born','','UNVERIFIED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(753,'file',88,'registered','','','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(754,'group',9,'output_registered','MERGING','MERGED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(755,'group',10,'output_registered','MERGING','MERGED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(756,'group',11,'output_registered','MERGING','MERGED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(757,'group',12,'output_registered','MERGING','MERGED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(758,'job',29,'outputs_registered','ENDED','DONE','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(759,'job',30,'outputs_registered','ENDED','DONE','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(760,'job',31,'outputs_registered','ENDED','DONE','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(761,'job',32,'outputs_registered','ENDED','DONE','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(762,'job',19,'claimed','READY','SUBMITTING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(763,'job',20,'claimed','READY','SUBMITTING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(764,'job',19,'accepted','SUBMITTING','RUNNING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(765,'job',20,'accepted','SUBMITTING','RUNNING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(766,'replica',92,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(767,'replica',93,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(768,'replica',94,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(769,'replica',95,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(770,'check',9,'born','','PENDING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(771,'check',10,'born','','PENDING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(772,'check',11,'born','','PENDING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(773,'check',12,'born','','PENDING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(774,'check',11,'agree','PENDING','PASSED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(775,'group',12,'counts_agree','MERGED','CHECKED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(776,'check',9,'differ','PENDING','FAILED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','part 0: its 4 files hold 10388 events, the merge job says 10388, the merged file holds 10387');
INSERT INTO "history" VALUES(777,'group',11,'counts_differ','MERGED','MISMATCHED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','part 0: its 4 files hold 10388 events, the merge job says 10388, the merged file holds 10387');
INSERT INTO "history" VALUES(778,'check',10,'differ','PENDING','FAILED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891');
INSERT INTO "history" VALUES(779,'group',10,'counts_differ','MERGED','MISMATCHED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891');
INSERT INTO "history" VALUES(780,'check',12,'differ','PENDING','FAILED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891');
INSERT INTO "history" VALUES(781,'group',9,'counts_differ','MERGED','MISMATCHED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891');
INSERT INTO "history" VALUES(782,'replica',96,'born','','COPYING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(783,'item',45,'claimed','QUEUED','SUBMITTING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(784,'item',45,'accepted','SUBMITTING','SUBMITTED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(785,'item',45,'done','SUBMITTED','DONE','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(786,'replica',96,'landed','COPYING','UNVERIFIED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(787,'replica',96,'verified_in_buffer','UNVERIFIED','ARCHIVING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','size and adler32 agree (adler32 by service), in the buffer, not yet on tape');
INSERT INTO "history" VALUES(788,'check',7,'waived','FAILED','WAIVED','2016-08-01T03:50:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(789,'group',7,'waived','MISMATCHED','CHECKED','2016-08-01T03:50:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(790,'replica',94,'trashed','AVAILABLE','TRASHED','2016-08-01T03:50:00.000000+00:00','released@nowhere','output of an attempt that is withdrawn: a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(791,'file',87,'retired','','','2016-08-01T03:50:00.000000+00:00','released@nowhere','output of an attempt that is withdrawn: a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(792,'group',11,'merge_again','MISMATCHED','MERGING','2016-08-01T03:50:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(793,'job',33,'born','','WAITING','2016-08-01T03:50:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(794,'check',9,'reopened','FAILED','PENDING','2016-08-01T03:50:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(795,'replica',97,'born','','COPYING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(796,'job',33,'inputs_readable','WAITING','READY','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(797,'job',33,'claimed','READY','SUBMITTING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(798,'job',33,'accepted','SUBMITTING','RUNNING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(799,'item',46,'claimed','QUEUED','SUBMITTING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(800,'item',46,'accepted','SUBMITTING','SUBMITTED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(801,'item',46,'done','SUBMITTED','DONE','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(802,'replica',97,'landed','COPYING','UNVERIFIED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(803,'replica',97,'verified_in_buffer','UNVERIFIED','ARCHIVING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','size and adler32 agree (adler32 by service), in the buffer, not yet on tape');
INSERT INTO "history" VALUES(804,'job',10,'ended_well','RUNNING','ENDED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(805,'replica',98,'born','','UNVERIFIED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(806,'file',89,'registered','','','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(807,'replica',99,'born','','UNVERIFIED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(808,'file',90,'registered','','','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(809,'replica',100,'born','','UNVERIFIED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(810,'file',91,'registered','','','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(811,'replica',101,'born','','UNVERIFIED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(812,'file',92,'registered','','','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(813,'job',10,'outputs_registered','ENDED','DONE','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(814,'job',17,'ended_badly','RUNNING','WAITING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','no_report: killed by the batch system');
INSERT INTO "history" VALUES(815,'pin',19,'last_reader_left','ACTIVE','RELEASING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(816,'pin',19,'released','RELEASING','RELEASED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(817,'group',13,'born','','PLANNED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(818,'job',34,'born','','WAITING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(819,'group',13,'job_created','PLANNED','MERGING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(820,'group',14,'born','','PLANNED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(821,'job',35,'born','','WAITING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(822,'group',14,'job_created','PLANNED','MERGING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(823,'group',15,'born','','PLANNED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(824,'job',36,'born','','WAITING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(825,'group',15,'job_created','PLANNED','MERGING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(826,'group',16,'born','','PLANNED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(827,'job',37,'born','','WAITING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(828,'group',16,'job_created','PLANNED','MERGING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(829,'replica',98,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(830,'replica',99,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(831,'replica',100,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(832,'replica',101,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(833,'job',34,'inputs_readable','WAITING','READY','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(834,'job',35,'inputs_readable','WAITING','READY','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(835,'job',36,'inputs_readable','WAITING','READY','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(836,'job',37,'inputs_readable','WAITING','READY','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(837,'job',34,'claimed','READY','SUBMITTING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(838,'job',35,'claimed','READY','SUBMITTING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(839,'job',36,'claimed','READY','SUBMITTING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(840,'job',34,'accepted','SUBMITTING','RUNNING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(841,'job',35,'accepted','SUBMITTING','RUNNING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(842,'job',36,'accepted','SUBMITTING','RUNNING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(843,'replica',96,'on_tape','ARCHIVING','AVAILABLE','2016-08-01T04:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(844,'replica',97,'on_tape','ARCHIVING','AVAILABLE','2016-08-01T04:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(845,'job',17,'inputs_readable','WAITING','READY','2016-08-01T04:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(846,'group',7,'output_on_tape','CHECKED','ARCHIVED','2016-08-01T04:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(847,'group',12,'output_on_tape','CHECKED','ARCHIVED','2016-08-01T04:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(848,'dataset',10,'born','','OPEN','2016-08-01T04:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(849,'replica',102,'born','','UNVERIFIED','2016-08-01T04:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(850,'replica',103,'born','','UNVERIFIED','2016-08-01T04:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(851,'replica',104,'born','','UNVERIFIED','2016-08-01T04:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(852,'replica',105,'born','','UNVERIFIED','2016-08-01T04:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(853,'file',93,'registered','','','2016-08-01T04:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(854,'file',94,'registered','','','2016-08-01T04:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(855,'file',95,'registered','','','2016-08-01T04:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(856,'file',96,'registered','','','2016-08-01T04:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(857,'dataset',10,'closed','OPEN','CLOSED','2016-08-01T04:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(858,'dataset',10,'reopened','CLOSED','OPEN','2016-08-01T04:00:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(859,'dataset',11,'born','','OPEN','2016-08-01T04:00:00.000000+00:00','released@nowhere','added');
CREATE TABLE item (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	endpoint_id INTEGER NOT NULL, 
	replica_id INTEGER NOT NULL, 
	source_id INTEGER, 
	request_id INTEGER, 
	state TEXT NOT NULL, 
	since TEXT NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	next_try_at TEXT NOT NULL, 
	code TEXT, 
	reason TEXT, 
	CONSTRAINT pk_item PRIMARY KEY (id), 
	CONSTRAINT ck_item_kind CHECK (kind IN ('stage', 'copy', 'remove', 'release')), 
	CONSTRAINT ck_item_state CHECK (state IN ('QUEUED', 'SUBMITTING', 'SUBMITTED', 'HELD', 'DONE', 'FAILED', 'CANCELED')), 
	CONSTRAINT fk_item_endpoint_id FOREIGN KEY(endpoint_id) REFERENCES endpoint (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_item_replica_id FOREIGN KEY(replica_id) REFERENCES replica (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_item_request_id FOREIGN KEY(request_id) REFERENCES request (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_item_source_id FOREIGN KEY(source_id) REFERENCES replica (id) ON DELETE RESTRICT
);
INSERT INTO "item" VALUES(1,'stage',2,1,NULL,1,'DONE','2016-08-01T00:05:00.000000+00:00',1,'2016-08-01T00:05:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(2,'stage',2,2,NULL,1,'DONE','2016-08-01T00:05:00.000000+00:00',1,'2016-08-01T00:05:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(3,'stage',2,3,NULL,1,'DONE','2016-08-01T00:05:00.000000+00:00',1,'2016-08-01T00:05:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(4,'stage',2,4,NULL,1,'FAILED','2016-08-01T01:15:00.000000+00:00',1,'2016-08-01T00:05:00.000000+00:00','tape_lost','/castor/cern.ch/compass/data/2016/raw/W14/cdr11004-275678.raw cannot be read from tape V275678 — tape_lost does not pass by itself: a person must look');
INSERT INTO "item" VALUES(5,'stage',2,5,NULL,2,'DONE','2016-08-01T00:40:00.000000+00:00',1,'2016-08-01T00:40:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(6,'stage',2,6,NULL,2,'DONE','2016-08-01T00:40:00.000000+00:00',1,'2016-08-01T00:40:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(7,'stage',2,7,NULL,2,'DONE','2016-08-01T00:40:00.000000+00:00',1,'2016-08-01T00:40:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(8,'stage',2,8,NULL,2,'DONE','2016-08-01T00:40:00.000000+00:00',1,'2016-08-01T00:40:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(9,'stage',2,9,NULL,3,'DONE','2016-08-01T01:15:00.000000+00:00',1,'2016-08-01T01:15:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(10,'stage',2,10,NULL,3,'DONE','2016-08-01T01:15:00.000000+00:00',1,'2016-08-01T01:15:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(11,'stage',2,11,NULL,3,'DONE','2016-08-01T01:15:00.000000+00:00',1,'2016-08-01T01:15:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(12,'stage',2,12,NULL,3,'DONE','2016-08-01T01:15:00.000000+00:00',1,'2016-08-01T01:15:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(13,'stage',2,13,NULL,8,'DONE','2016-08-01T02:50:00.000000+00:00',1,'2016-08-01T02:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(14,'stage',2,14,NULL,8,'DONE','2016-08-01T02:50:00.000000+00:00',1,'2016-08-01T02:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(15,'stage',2,15,NULL,8,'DONE','2016-08-01T02:50:00.000000+00:00',1,'2016-08-01T02:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(16,'stage',2,16,NULL,8,'DONE','2016-08-01T02:50:00.000000+00:00',1,'2016-08-01T02:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(17,'stage',2,17,NULL,9,'DONE','2016-08-01T03:25:00.000000+00:00',1,'2016-08-01T03:25:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(18,'stage',2,18,NULL,9,'HELD','2016-08-01T03:25:00.000000+00:00',1,'2016-08-01T03:25:00.000000+00:00','tape_lost','/castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275682.raw cannot be read from tape V275682 — tape_lost does not pass by itself: a person must look');
INSERT INTO "item" VALUES(19,'stage',2,19,NULL,9,'DONE','2016-08-01T03:25:00.000000+00:00',1,'2016-08-01T03:25:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(20,'stage',2,20,NULL,9,'DONE','2016-08-01T03:25:00.000000+00:00',1,'2016-08-01T03:25:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(21,'copy',2,53,51,4,'DONE','2016-08-01T01:40:00.000000+00:00',1,'2016-08-01T01:40:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(22,'copy',2,54,50,4,'DONE','2016-08-01T01:40:00.000000+00:00',1,'2016-08-01T01:40:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(23,'copy',2,55,52,4,'DONE','2016-08-01T01:40:00.000000+00:00',1,'2016-08-01T01:40:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(24,'copy',2,56,49,4,'DONE','2016-08-01T01:40:00.000000+00:00',1,'2016-08-01T01:40:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(25,'copy',2,59,58,5,'DONE','2016-08-01T01:45:00.000000+00:00',1,'2016-08-01T01:45:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(26,'copy',2,60,57,5,'DONE','2016-08-01T01:45:00.000000+00:00',1,'2016-08-01T01:45:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(27,'remove',1,33,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(28,'remove',1,34,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(29,'remove',1,35,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(30,'remove',1,36,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(31,'remove',1,37,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(32,'remove',1,38,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(33,'remove',1,39,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(34,'remove',1,40,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(35,'remove',1,41,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(36,'remove',1,42,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(37,'remove',1,43,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(38,'remove',1,44,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(39,'remove',1,45,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(40,'remove',1,46,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(41,'remove',1,47,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(42,'remove',1,48,NULL,6,'DONE','2016-08-01T01:50:00.000000+00:00',1,'2016-08-01T01:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(43,'copy',2,67,66,7,'DONE','2016-08-01T02:10:00.000000+00:00',1,'2016-08-01T02:10:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(44,'stage',2,10,NULL,9,'DONE','2016-08-01T03:25:00.000000+00:00',1,'2016-08-01T03:25:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(45,'copy',2,96,95,10,'DONE','2016-08-01T03:50:00.000000+00:00',1,'2016-08-01T03:50:00.000000+00:00',NULL,NULL);
INSERT INTO "item" VALUES(46,'copy',2,97,65,11,'DONE','2016-08-01T03:50:00.000000+00:00',1,'2016-08-01T03:50:00.000000+00:00',NULL,NULL);
CREATE TABLE job (
	id INTEGER NOT NULL, 
	task_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	run INTEGER NOT NULL, 
	chunk TEXT NOT NULL, 
	merge_group_id INTEGER, 
	state TEXT NOT NULL, 
	since TEXT NOT NULL, 
	attempt INTEGER DEFAULT '0' NOT NULL, 
	label TEXT, 
	native TEXT, 
	next_try_at TEXT NOT NULL, 
	code TEXT, 
	reason TEXT, 
	CONSTRAINT pk_job PRIMARY KEY (id), 
	CONSTRAINT ck_job_kind CHECK (kind IN ('process', 'merge')), 
	CONSTRAINT ck_job_state CHECK (state IN ('WAITING', 'READY', 'SUBMITTING', 'RUNNING', 'ENDED', 'HELD', 'DONE', 'CANCELED')), 
	CONSTRAINT fk_job_merge_group_id FOREIGN KEY(merge_group_id) REFERENCES merge_group (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_job_task_id FOREIGN KEY(task_id) REFERENCES task (id) ON DELETE RESTRICT
);
INSERT INTO "job" VALUES(1,1,'process',275678,'11001',NULL,'DONE','2016-08-01T00:35:00.000000+00:00',1,'j1a1','j1a1','2016-08-01T00:05:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(2,1,'process',275678,'11002',NULL,'DONE','2016-08-01T00:35:00.000000+00:00',1,'j2a1','j2a1','2016-08-01T00:05:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(3,1,'process',275678,'11003',NULL,'DONE','2016-08-01T00:35:00.000000+00:00',1,'j3a1','j3a1','2016-08-01T00:05:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(4,1,'process',275678,'11004',NULL,'CANCELED','2016-08-01T01:15:00.000000+00:00',0,NULL,NULL,'2016-08-01T00:00:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(5,1,'process',275679,'11001',NULL,'DONE','2016-08-01T01:10:00.000000+00:00',1,'j5a1','j5a1','2016-08-01T00:40:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(6,1,'process',275679,'11002',NULL,'DONE','2016-08-01T01:10:00.000000+00:00',1,'j6a1','j6a1','2016-08-01T00:40:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(7,1,'process',275679,'11003',NULL,'DONE','2016-08-01T01:10:00.000000+00:00',1,'j7a1','j7a1','2016-08-01T00:40:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(8,1,'process',275679,'11004',NULL,'DONE','2016-08-01T01:10:00.000000+00:00',1,'j8a1','j8a1','2016-08-01T00:40:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(9,1,'process',275680,'11001',NULL,'DONE','2016-08-01T02:10:00.000000+00:00',1,'j9a1','j9a1','2016-08-01T01:40:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(10,1,'process',275680,'11002',NULL,'DONE','2016-08-01T03:55:00.000000+00:00',3,'j10a3','j10a3','2016-08-01T03:25:00.000000+00:00','checksum_mismatch','/castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275680.raw: bytes differ');
INSERT INTO "job" VALUES(11,1,'process',275680,'11003',NULL,'DONE','2016-08-01T02:15:00.000000+00:00',1,'j11a1','j11a1','2016-08-01T01:45:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(12,1,'process',275680,'11004',NULL,'DONE','2016-08-01T02:15:00.000000+00:00',1,'j12a1','j12a1','2016-08-01T01:45:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(13,1,'process',275681,'11001',NULL,'DONE','2016-08-01T03:20:00.000000+00:00',1,'j13a1','j13a1','2016-08-01T02:50:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(14,1,'process',275681,'11002',NULL,'DONE','2016-08-01T03:20:00.000000+00:00',1,'j14a1','j14a1','2016-08-01T02:50:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(15,1,'process',275681,'11003',NULL,'DONE','2016-08-01T03:20:00.000000+00:00',1,'j15a1','j15a1','2016-08-01T02:50:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(16,1,'process',275681,'11004',NULL,'DONE','2016-08-01T03:20:00.000000+00:00',1,'j16a1','j16a1','2016-08-01T02:50:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(17,1,'process',275682,'11001',NULL,'READY','2016-08-01T04:00:00.000000+00:00',1,'j17a1','j17a1','2016-08-01T03:55:49.528034+00:00','no_report','killed by the batch system');
INSERT INTO "job" VALUES(18,1,'process',275682,'11002',NULL,'WAITING','2016-08-01T00:00:00.000000+00:00',0,NULL,NULL,'2016-08-01T00:00:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(19,1,'process',275682,'11003',NULL,'RUNNING','2016-08-01T03:50:00.000000+00:00',1,'j19a1','j19a1','2016-08-01T03:50:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(20,1,'process',275682,'11004',NULL,'RUNNING','2016-08-01T03:50:00.000000+00:00',1,'j20a1','j20a1','2016-08-01T03:50:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(21,1,'merge',275679,'',1,'DONE','2016-08-01T01:40:00.000000+00:00',1,'j21a1','j21a1','2016-08-01T01:10:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(22,1,'merge',275679,'',2,'DONE','2016-08-01T01:40:00.000000+00:00',1,'j22a1','j22a1','2016-08-01T01:10:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(23,1,'merge',275679,'',3,'DONE','2016-08-01T01:40:00.000000+00:00',1,'j23a1','j23a1','2016-08-01T01:10:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(24,1,'merge',275679,'',4,'DONE','2016-08-01T01:40:00.000000+00:00',1,'j24a1','j24a1','2016-08-01T01:10:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(25,1,'merge',275678,'',5,'DONE','2016-08-01T01:45:00.000000+00:00',1,'j25a1','j25a1','2016-08-01T01:15:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(26,1,'merge',275678,'',6,'DONE','2016-08-01T01:45:00.000000+00:00',1,'j26a1','j26a1','2016-08-01T01:15:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(27,1,'merge',275678,'',7,'DONE','2016-08-01T02:10:00.000000+00:00',1,'j27a1','j27a1','2016-08-01T01:40:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(28,1,'merge',275678,'',8,'DONE','2016-08-01T02:10:00.000000+00:00',1,'j28a1','j28a1','2016-08-01T01:40:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(29,1,'merge',275681,'',9,'DONE','2016-08-01T03:50:00.000000+00:00',1,'j29a1','j29a1','2016-08-01T03:20:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(30,1,'merge',275681,'',10,'DONE','2016-08-01T03:50:00.000000+00:00',1,'j30a1','j30a1','2016-08-01T03:20:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(31,1,'merge',275681,'',11,'DONE','2016-08-01T03:50:00.000000+00:00',1,'j31a1','j31a1','2016-08-01T03:20:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(32,1,'merge',275681,'',12,'DONE','2016-08-01T03:50:00.000000+00:00',1,'j32a1','j32a1','2016-08-01T03:20:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(33,1,'merge',275681,'',11,'RUNNING','2016-08-01T03:50:00.000000+00:00',1,'j33a1','j33a1','2016-08-01T03:50:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(34,1,'merge',275680,'',13,'RUNNING','2016-08-01T03:55:00.000000+00:00',1,'j34a1','j34a1','2016-08-01T03:55:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(35,1,'merge',275680,'',14,'RUNNING','2016-08-01T03:55:00.000000+00:00',1,'j35a1','j35a1','2016-08-01T03:55:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(36,1,'merge',275680,'',15,'RUNNING','2016-08-01T03:55:00.000000+00:00',1,'j36a1','j36a1','2016-08-01T03:55:00.000000+00:00',NULL,NULL);
INSERT INTO "job" VALUES(37,1,'merge',275680,'',16,'READY','2016-08-01T03:55:00.000000+00:00',0,NULL,NULL,'2016-08-01T03:55:00.000000+00:00',NULL,NULL);
CREATE TABLE job_input (
	job_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	file_id INTEGER NOT NULL, 
	CONSTRAINT pk_job_input PRIMARY KEY (job_id, position), 
	CONSTRAINT fk_job_input_file_id FOREIGN KEY(file_id) REFERENCES file (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_job_input_job_id FOREIGN KEY(job_id) REFERENCES job (id) ON DELETE RESTRICT
)
 WITHOUT ROWID

;
INSERT INTO "job_input" VALUES(1,0,1);
INSERT INTO "job_input" VALUES(2,0,2);
INSERT INTO "job_input" VALUES(3,0,3);
INSERT INTO "job_input" VALUES(4,0,4);
INSERT INTO "job_input" VALUES(5,0,5);
INSERT INTO "job_input" VALUES(6,0,6);
INSERT INTO "job_input" VALUES(7,0,7);
INSERT INTO "job_input" VALUES(8,0,8);
INSERT INTO "job_input" VALUES(9,0,9);
INSERT INTO "job_input" VALUES(10,0,10);
INSERT INTO "job_input" VALUES(11,0,11);
INSERT INTO "job_input" VALUES(12,0,12);
INSERT INTO "job_input" VALUES(13,0,13);
INSERT INTO "job_input" VALUES(14,0,14);
INSERT INTO "job_input" VALUES(15,0,15);
INSERT INTO "job_input" VALUES(16,0,16);
INSERT INTO "job_input" VALUES(17,0,17);
INSERT INTO "job_input" VALUES(18,0,18);
INSERT INTO "job_input" VALUES(19,0,19);
INSERT INTO "job_input" VALUES(20,0,20);
INSERT INTO "job_input" VALUES(25,0,21);
INSERT INTO "job_input" VALUES(25,1,22);
INSERT INTO "job_input" VALUES(25,2,23);
INSERT INTO "job_input" VALUES(26,0,24);
INSERT INTO "job_input" VALUES(26,1,25);
INSERT INTO "job_input" VALUES(26,2,26);
INSERT INTO "job_input" VALUES(27,0,27);
INSERT INTO "job_input" VALUES(27,1,28);
INSERT INTO "job_input" VALUES(27,2,29);
INSERT INTO "job_input" VALUES(28,0,30);
INSERT INTO "job_input" VALUES(28,1,31);
INSERT INTO "job_input" VALUES(28,2,32);
INSERT INTO "job_input" VALUES(21,0,33);
INSERT INTO "job_input" VALUES(21,1,34);
INSERT INTO "job_input" VALUES(21,2,35);
INSERT INTO "job_input" VALUES(21,3,36);
INSERT INTO "job_input" VALUES(22,0,37);
INSERT INTO "job_input" VALUES(22,1,38);
INSERT INTO "job_input" VALUES(22,2,39);
INSERT INTO "job_input" VALUES(22,3,40);
INSERT INTO "job_input" VALUES(23,0,41);
INSERT INTO "job_input" VALUES(23,1,42);
INSERT INTO "job_input" VALUES(23,2,43);
INSERT INTO "job_input" VALUES(23,3,44);
INSERT INTO "job_input" VALUES(24,0,45);
INSERT INTO "job_input" VALUES(24,1,46);
INSERT INTO "job_input" VALUES(24,2,47);
INSERT INTO "job_input" VALUES(24,3,48);
INSERT INTO "job_input" VALUES(34,0,55);
INSERT INTO "job_input" VALUES(35,0,56);
INSERT INTO "job_input" VALUES(36,0,57);
INSERT INTO "job_input" VALUES(37,0,58);
INSERT INTO "job_input" VALUES(34,2,61);
INSERT INTO "job_input" VALUES(34,3,62);
INSERT INTO "job_input" VALUES(35,2,63);
INSERT INTO "job_input" VALUES(35,3,64);
INSERT INTO "job_input" VALUES(36,2,65);
INSERT INTO "job_input" VALUES(36,3,66);
INSERT INTO "job_input" VALUES(37,2,67);
INSERT INTO "job_input" VALUES(37,3,68);
INSERT INTO "job_input" VALUES(29,0,69);
INSERT INTO "job_input" VALUES(29,1,70);
INSERT INTO "job_input" VALUES(29,2,71);
INSERT INTO "job_input" VALUES(29,3,72);
INSERT INTO "job_input" VALUES(30,0,73);
INSERT INTO "job_input" VALUES(30,1,74);
INSERT INTO "job_input" VALUES(30,2,75);
INSERT INTO "job_input" VALUES(30,3,76);
INSERT INTO "job_input" VALUES(31,0,77);
INSERT INTO "job_input" VALUES(33,0,77);
INSERT INTO "job_input" VALUES(31,1,78);
INSERT INTO "job_input" VALUES(33,1,78);
INSERT INTO "job_input" VALUES(31,2,79);
INSERT INTO "job_input" VALUES(33,2,79);
INSERT INTO "job_input" VALUES(31,3,80);
INSERT INTO "job_input" VALUES(33,3,80);
INSERT INTO "job_input" VALUES(32,0,81);
INSERT INTO "job_input" VALUES(32,1,82);
INSERT INTO "job_input" VALUES(32,2,83);
INSERT INTO "job_input" VALUES(32,3,84);
INSERT INTO "job_input" VALUES(34,1,89);
INSERT INTO "job_input" VALUES(35,1,90);
INSERT INTO "job_input" VALUES(36,1,91);
INSERT INTO "job_input" VALUES(37,1,92);
CREATE TABLE member (
	group_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	file_id INTEGER NOT NULL, 
	live BOOLEAN NOT NULL, 
	CONSTRAINT pk_member PRIMARY KEY (group_id, position), 
	CONSTRAINT fk_member_file_id FOREIGN KEY(file_id) REFERENCES file (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_member_group_id FOREIGN KEY(group_id) REFERENCES merge_group (id) ON DELETE RESTRICT
)
 WITHOUT ROWID

;
INSERT INTO "member" VALUES(1,0,33,1);
INSERT INTO "member" VALUES(1,1,34,1);
INSERT INTO "member" VALUES(1,2,35,1);
INSERT INTO "member" VALUES(1,3,36,1);
INSERT INTO "member" VALUES(2,0,37,1);
INSERT INTO "member" VALUES(2,1,38,1);
INSERT INTO "member" VALUES(2,2,39,1);
INSERT INTO "member" VALUES(2,3,40,1);
INSERT INTO "member" VALUES(3,0,41,1);
INSERT INTO "member" VALUES(3,1,42,1);
INSERT INTO "member" VALUES(3,2,43,1);
INSERT INTO "member" VALUES(3,3,44,1);
INSERT INTO "member" VALUES(4,0,45,1);
INSERT INTO "member" VALUES(4,1,46,1);
INSERT INTO "member" VALUES(4,2,47,1);
INSERT INTO "member" VALUES(4,3,48,1);
INSERT INTO "member" VALUES(5,0,21,1);
INSERT INTO "member" VALUES(5,1,22,1);
INSERT INTO "member" VALUES(5,2,23,1);
INSERT INTO "member" VALUES(6,0,24,1);
INSERT INTO "member" VALUES(6,1,25,1);
INSERT INTO "member" VALUES(6,2,26,1);
INSERT INTO "member" VALUES(7,0,27,1);
INSERT INTO "member" VALUES(7,1,28,1);
INSERT INTO "member" VALUES(7,2,29,1);
INSERT INTO "member" VALUES(8,0,30,1);
INSERT INTO "member" VALUES(8,1,31,1);
INSERT INTO "member" VALUES(8,2,32,1);
INSERT INTO "member" VALUES(9,0,69,1);
INSERT INTO "member" VALUES(9,1,70,1);
INSERT INTO "member" VALUES(9,2,71,1);
INSERT INTO "member" VALUES(9,3,72,1);
INSERT INTO "member" VALUES(10,0,73,1);
INSERT INTO "member" VALUES(10,1,74,1);
INSERT INTO "member" VALUES(10,2,75,1);
INSERT INTO "member" VALUES(10,3,76,1);
INSERT INTO "member" VALUES(11,0,77,1);
INSERT INTO "member" VALUES(11,1,78,1);
INSERT INTO "member" VALUES(11,2,79,1);
INSERT INTO "member" VALUES(11,3,80,1);
INSERT INTO "member" VALUES(12,0,81,1);
INSERT INTO "member" VALUES(12,1,82,1);
INSERT INTO "member" VALUES(12,2,83,1);
INSERT INTO "member" VALUES(12,3,84,1);
INSERT INTO "member" VALUES(13,0,55,1);
INSERT INTO "member" VALUES(13,1,89,1);
INSERT INTO "member" VALUES(13,2,61,1);
INSERT INTO "member" VALUES(13,3,62,1);
INSERT INTO "member" VALUES(14,0,56,1);
INSERT INTO "member" VALUES(14,1,90,1);
INSERT INTO "member" VALUES(14,2,63,1);
INSERT INTO "member" VALUES(14,3,64,1);
INSERT INTO "member" VALUES(15,0,57,1);
INSERT INTO "member" VALUES(15,1,91,1);
INSERT INTO "member" VALUES(15,2,65,1);
INSERT INTO "member" VALUES(15,3,66,1);
INSERT INTO "member" VALUES(16,0,58,1);
INSERT INTO "member" VALUES(16,1,92,1);
INSERT INTO "member" VALUES(16,2,67,1);
INSERT INTO "member" VALUES(16,3,68,1);
CREATE TABLE merge_group (
	id INTEGER NOT NULL, 
	task_id INTEGER NOT NULL, 
	run INTEGER NOT NULL, 
	product TEXT NOT NULL, 
	part INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	since TEXT NOT NULL, 
	"plan" TEXT NOT NULL, 
	lfn TEXT NOT NULL, 
	expected_size BIGINT NOT NULL, 
	output_id INTEGER, 
	reason TEXT, 
	CONSTRAINT pk_merge_group PRIMARY KEY (id), 
	CONSTRAINT ck_merge_group_state CHECK (state IN ('PLANNED', 'MERGING', 'MERGED', 'MISMATCHED', 'CHECKED', 'ARCHIVED', 'HELD', 'CLEANED', 'VOID')), 
	CONSTRAINT fk_merge_group_output_id FOREIGN KEY(output_id) REFERENCES file (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_merge_group_task_id FOREIGN KEY(task_id) REFERENCES task (id) ON DELETE RESTRICT
);
INSERT INTO "merge_group" VALUES(1,1,275679,'mDST',0,'CLEANED','2016-08-01T01:50:00.000000+00:00','9c4ecc76e8176d5130aae847b50a3e10d4877ee1867e3c77b6c94ef680243e15','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root',42059600,49,NULL);
INSERT INTO "merge_group" VALUES(2,1,275679,'hist',0,'CLEANED','2016-08-01T01:50:00.000000+00:00','bcca792c12f29ed4a9438287ec98d1641901782d4cb0fa001833434b1da275e7','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root',2102980,50,NULL);
INSERT INTO "merge_group" VALUES(3,1,275679,'evtdump',0,'CLEANED','2016-08-01T01:50:00.000000+00:00','e3692edb455018568e6c85a94194648b874afe63d8c2064d93499cc5abef4aeb','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw',36795500,51,NULL);
INSERT INTO "merge_group" VALUES(4,1,275679,'logs',0,'CLEANED','2016-08-01T01:50:00.000000+00:00','581bc3e42615fcfe01109b8c3ee33ed692cc588bff4be074fb814a076b681f2b','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip',40,52,NULL);
INSERT INTO "merge_group" VALUES(5,1,275678,'mDST',0,'ARCHIVED','2016-08-01T01:55:00.000000+00:00','3689d93c580a969f8d811c8d3162e51693bf48128a05c204aefdd80fc442ff0a','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275678-0-7.root',29023600,53,NULL);
INSERT INTO "merge_group" VALUES(6,1,275678,'hist',0,'ARCHIVED','2016-08-01T01:55:00.000000+00:00','b4e5ec5fa29b83902271e9d938abf862a8eec640b7754684d4c9299ea113bd97','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275678-0-7.root',1451180,54,NULL);
INSERT INTO "merge_group" VALUES(7,1,275678,'evtdump',0,'ARCHIVED','2016-08-01T04:00:00.000000+00:00','0972fe43e1b160ce64b6aa3136a7ca46e491d3015d286db304a15a22674ff4e2','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275678.raw',25392500,59,'part 0: its 3 files hold 7255 events, the merge job says 7255, the merged file holds 7254');
INSERT INTO "merge_group" VALUES(8,1,275678,'logs',0,'ARCHIVED','2016-08-01T02:20:00.000000+00:00','aa6f2a565bf65949f125b01b7d7e563fffeaf47f69747730f7dfe417131e5169','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275678.zip',30,60,NULL);
INSERT INTO "merge_group" VALUES(9,1,275681,'mDST',0,'MISMATCHED','2016-08-01T03:50:00.000000+00:00','3fda5ae41eaeb976fcb345d0be5689e09845c317e0e7fd8ba0c33163a793601d','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275681-0-7.root',41556800,85,'part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891');
INSERT INTO "merge_group" VALUES(10,1,275681,'hist',0,'MISMATCHED','2016-08-01T03:50:00.000000+00:00','f36816259b96d56c6dd87a32e10839dca771ff1b601c088ec9b739cacb9ebc04','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275681-0-7.root',2077840,86,'part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891');
INSERT INTO "merge_group" VALUES(11,1,275681,'evtdump',0,'MERGING','2016-08-01T03:50:00.000000+00:00','16ca5ee1703b656c7e3ca6e46f0191a5a24b729dadf888c30f07f84cbe06cb00','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275681.raw',36358000,NULL,NULL);
INSERT INTO "merge_group" VALUES(12,1,275681,'logs',0,'ARCHIVED','2016-08-01T04:00:00.000000+00:00','a7b474995191bfc8ab2df17b30e870b7b60de0e9a0abab8b9604fb87687c0fcb','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275681.zip',40,88,NULL);
INSERT INTO "merge_group" VALUES(13,1,275680,'mDST',0,'MERGING','2016-08-01T03:55:00.000000+00:00','5b47ed2b0b330919fc281b004ba9119809d87347d82c44c0d5a5511597d2f0b5','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275680-0-7.root',39675200,NULL,NULL);
INSERT INTO "merge_group" VALUES(14,1,275680,'hist',0,'MERGING','2016-08-01T03:55:00.000000+00:00','738a4692e2bb4783e604e115d78b03afe900027b98a3767c453ffbb1dbc7b2ba','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275680-0-7.root',1983760,NULL,NULL);
INSERT INTO "merge_group" VALUES(15,1,275680,'evtdump',0,'MERGING','2016-08-01T03:55:00.000000+00:00','17ad6299edc5ff72241447432eda83cdac8da4cf8b43872a3da396253061a87d','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275680.raw',34706000,NULL,NULL);
INSERT INTO "merge_group" VALUES(16,1,275680,'logs',0,'MERGING','2016-08-01T03:55:00.000000+00:00','ea2bac7d36d56e03ce4e92cc64d4885c9559c5e3fcc1effc0ccd6dd7e1d2a995','/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275680.zip',40,NULL,NULL);
CREATE TABLE parent (
	file_id INTEGER NOT NULL, 
	parent_id INTEGER NOT NULL, 
	CONSTRAINT pk_parent PRIMARY KEY (file_id, parent_id), 
	CONSTRAINT fk_parent_file_id FOREIGN KEY(file_id) REFERENCES file (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_parent_parent_id FOREIGN KEY(parent_id) REFERENCES file (id) ON DELETE RESTRICT
)
 WITHOUT ROWID

;
INSERT INTO "parent" VALUES(21,1);
INSERT INTO "parent" VALUES(24,1);
INSERT INTO "parent" VALUES(27,1);
INSERT INTO "parent" VALUES(30,1);
INSERT INTO "parent" VALUES(22,2);
INSERT INTO "parent" VALUES(25,2);
INSERT INTO "parent" VALUES(28,2);
INSERT INTO "parent" VALUES(31,2);
INSERT INTO "parent" VALUES(23,3);
INSERT INTO "parent" VALUES(26,3);
INSERT INTO "parent" VALUES(29,3);
INSERT INTO "parent" VALUES(32,3);
INSERT INTO "parent" VALUES(33,5);
INSERT INTO "parent" VALUES(37,5);
INSERT INTO "parent" VALUES(41,5);
INSERT INTO "parent" VALUES(45,5);
INSERT INTO "parent" VALUES(34,6);
INSERT INTO "parent" VALUES(38,6);
INSERT INTO "parent" VALUES(42,6);
INSERT INTO "parent" VALUES(46,6);
INSERT INTO "parent" VALUES(35,7);
INSERT INTO "parent" VALUES(39,7);
INSERT INTO "parent" VALUES(43,7);
INSERT INTO "parent" VALUES(47,7);
INSERT INTO "parent" VALUES(36,8);
INSERT INTO "parent" VALUES(40,8);
INSERT INTO "parent" VALUES(44,8);
INSERT INTO "parent" VALUES(48,8);
INSERT INTO "parent" VALUES(55,9);
INSERT INTO "parent" VALUES(56,9);
INSERT INTO "parent" VALUES(57,9);
INSERT INTO "parent" VALUES(58,9);
INSERT INTO "parent" VALUES(89,10);
INSERT INTO "parent" VALUES(90,10);
INSERT INTO "parent" VALUES(91,10);
INSERT INTO "parent" VALUES(92,10);
INSERT INTO "parent" VALUES(61,11);
INSERT INTO "parent" VALUES(63,11);
INSERT INTO "parent" VALUES(65,11);
INSERT INTO "parent" VALUES(67,11);
INSERT INTO "parent" VALUES(62,12);
INSERT INTO "parent" VALUES(64,12);
INSERT INTO "parent" VALUES(66,12);
INSERT INTO "parent" VALUES(68,12);
INSERT INTO "parent" VALUES(69,13);
INSERT INTO "parent" VALUES(73,13);
INSERT INTO "parent" VALUES(77,13);
INSERT INTO "parent" VALUES(81,13);
INSERT INTO "parent" VALUES(70,14);
INSERT INTO "parent" VALUES(74,14);
INSERT INTO "parent" VALUES(78,14);
INSERT INTO "parent" VALUES(82,14);
INSERT INTO "parent" VALUES(71,15);
INSERT INTO "parent" VALUES(75,15);
INSERT INTO "parent" VALUES(79,15);
INSERT INTO "parent" VALUES(83,15);
INSERT INTO "parent" VALUES(72,16);
INSERT INTO "parent" VALUES(76,16);
INSERT INTO "parent" VALUES(80,16);
INSERT INTO "parent" VALUES(84,16);
INSERT INTO "parent" VALUES(53,21);
INSERT INTO "parent" VALUES(53,22);
INSERT INTO "parent" VALUES(53,23);
INSERT INTO "parent" VALUES(54,24);
INSERT INTO "parent" VALUES(54,25);
INSERT INTO "parent" VALUES(54,26);
INSERT INTO "parent" VALUES(59,27);
INSERT INTO "parent" VALUES(59,28);
INSERT INTO "parent" VALUES(59,29);
INSERT INTO "parent" VALUES(60,30);
INSERT INTO "parent" VALUES(60,31);
INSERT INTO "parent" VALUES(60,32);
INSERT INTO "parent" VALUES(49,33);
INSERT INTO "parent" VALUES(49,34);
INSERT INTO "parent" VALUES(49,35);
INSERT INTO "parent" VALUES(49,36);
INSERT INTO "parent" VALUES(50,37);
INSERT INTO "parent" VALUES(50,38);
INSERT INTO "parent" VALUES(50,39);
INSERT INTO "parent" VALUES(50,40);
INSERT INTO "parent" VALUES(51,41);
INSERT INTO "parent" VALUES(51,42);
INSERT INTO "parent" VALUES(51,43);
INSERT INTO "parent" VALUES(51,44);
INSERT INTO "parent" VALUES(52,45);
INSERT INTO "parent" VALUES(52,46);
INSERT INTO "parent" VALUES(52,47);
INSERT INTO "parent" VALUES(52,48);
INSERT INTO "parent" VALUES(85,69);
INSERT INTO "parent" VALUES(85,70);
INSERT INTO "parent" VALUES(85,71);
INSERT INTO "parent" VALUES(85,72);
INSERT INTO "parent" VALUES(86,73);
INSERT INTO "parent" VALUES(86,74);
INSERT INTO "parent" VALUES(86,75);
INSERT INTO "parent" VALUES(86,76);
INSERT INTO "parent" VALUES(87,77);
INSERT INTO "parent" VALUES(87,78);
INSERT INTO "parent" VALUES(87,79);
INSERT INTO "parent" VALUES(87,80);
INSERT INTO "parent" VALUES(88,81);
INSERT INTO "parent" VALUES(88,82);
INSERT INTO "parent" VALUES(88,83);
INSERT INTO "parent" VALUES(88,84);
CREATE TABLE pin (
	id INTEGER NOT NULL, 
	replica_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	since TEXT NOT NULL, 
	token TEXT NOT NULL, 
	until TEXT NOT NULL, 
	CONSTRAINT pk_pin PRIMARY KEY (id), 
	CONSTRAINT ck_pin_state CHECK (state IN ('ACTIVE', 'RELEASING', 'RELEASED', 'EXPIRED')), 
	CONSTRAINT fk_pin_replica_id FOREIGN KEY(replica_id) REFERENCES replica (id) ON DELETE RESTRICT
);
INSERT INTO "pin" VALUES(1,1,'RELEASED','2016-08-01T00:35:00.000000+00:00','request-1','2016-08-03T00:05:00.000000+00:00');
INSERT INTO "pin" VALUES(2,2,'RELEASED','2016-08-01T00:35:00.000000+00:00','request-1','2016-08-03T00:05:00.000000+00:00');
INSERT INTO "pin" VALUES(3,3,'RELEASED','2016-08-01T00:35:00.000000+00:00','request-1','2016-08-03T00:05:00.000000+00:00');
INSERT INTO "pin" VALUES(4,5,'RELEASED','2016-08-01T01:10:00.000000+00:00','request-2','2016-08-03T00:40:00.000000+00:00');
INSERT INTO "pin" VALUES(5,6,'RELEASED','2016-08-01T01:10:00.000000+00:00','request-2','2016-08-03T00:40:00.000000+00:00');
INSERT INTO "pin" VALUES(6,7,'RELEASED','2016-08-01T01:10:00.000000+00:00','request-2','2016-08-03T00:40:00.000000+00:00');
INSERT INTO "pin" VALUES(7,8,'RELEASED','2016-08-01T01:10:00.000000+00:00','request-2','2016-08-03T00:40:00.000000+00:00');
INSERT INTO "pin" VALUES(8,9,'RELEASED','2016-08-01T02:10:00.000000+00:00','request-3','2016-08-03T01:15:00.000000+00:00');
INSERT INTO "pin" VALUES(9,10,'RELEASED','2016-08-01T02:45:00.000000+00:00','request-3','2016-08-03T01:15:00.000000+00:00');
INSERT INTO "pin" VALUES(10,11,'RELEASED','2016-08-01T02:15:00.000000+00:00','request-3','2016-08-03T01:15:00.000000+00:00');
INSERT INTO "pin" VALUES(11,12,'RELEASED','2016-08-01T02:15:00.000000+00:00','request-3','2016-08-03T01:15:00.000000+00:00');
INSERT INTO "pin" VALUES(12,13,'RELEASED','2016-08-01T03:20:00.000000+00:00','request-4','2016-08-03T02:50:00.000000+00:00');
INSERT INTO "pin" VALUES(13,14,'RELEASED','2016-08-01T03:20:00.000000+00:00','request-4','2016-08-03T02:50:00.000000+00:00');
INSERT INTO "pin" VALUES(14,15,'RELEASED','2016-08-01T03:20:00.000000+00:00','request-4','2016-08-03T02:50:00.000000+00:00');
INSERT INTO "pin" VALUES(15,16,'RELEASED','2016-08-01T03:20:00.000000+00:00','request-4','2016-08-03T02:50:00.000000+00:00');
INSERT INTO "pin" VALUES(16,17,'ACTIVE','2016-08-01T03:25:00.000000+00:00','request-5','2016-08-03T03:25:00.000000+00:00');
INSERT INTO "pin" VALUES(17,19,'ACTIVE','2016-08-01T03:25:00.000000+00:00','request-5','2016-08-03T03:25:00.000000+00:00');
INSERT INTO "pin" VALUES(18,20,'ACTIVE','2016-08-01T03:25:00.000000+00:00','request-5','2016-08-03T03:25:00.000000+00:00');
INSERT INTO "pin" VALUES(19,10,'RELEASED','2016-08-01T03:55:00.000000+00:00','request-5','2016-08-03T03:25:00.000000+00:00');
CREATE TABLE replica (
	id INTEGER NOT NULL, 
	file_id INTEGER NOT NULL, 
	endpoint_id INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	state TEXT NOT NULL, 
	since TEXT NOT NULL, 
	locality TEXT DEFAULT 'UNKNOWN' NOT NULL, 
	verified_at TEXT, 
	verified_how TEXT, 
	tries INTEGER DEFAULT '0' NOT NULL, 
	next_try_at TEXT NOT NULL, 
	CONSTRAINT pk_replica PRIMARY KEY (id), 
	CONSTRAINT ck_replica_verified CHECK (state <> 'AVAILABLE' OR verified_at IS NOT NULL), 
	CONSTRAINT ck_replica_state CHECK (state IN ('COPYING', 'UNVERIFIED', 'ARCHIVING', 'AVAILABLE', 'SUSPECT', 'BAD', 'LOST', 'TRASHED', 'DELETING', 'DELETED')), 
	CONSTRAINT fk_replica_endpoint_id FOREIGN KEY(endpoint_id) REFERENCES endpoint (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_replica_file_id FOREIGN KEY(file_id) REFERENCES file (id) ON DELETE RESTRICT
);
INSERT INTO "replica" VALUES(1,1,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11001-275678.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(2,2,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275678.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(3,3,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11003-275678.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(4,4,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11004-275678.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(5,5,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11001-275679.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(6,6,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275679.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(7,7,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11003-275679.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(8,8,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11004-275679.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(9,9,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11001-275680.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(10,10,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275680.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(11,11,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11003-275680.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(12,12,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11004-275680.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(13,13,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11001-275681.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(14,14,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275681.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(15,15,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11003-275681.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(16,16,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11004-275681.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(17,17,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11001-275682.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(18,18,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275682.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(19,19,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11003-275682.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(20,20,2,'/castor/cern.ch/compass/data/2016/raw/W14/cdr11004-275682.raw','AVAILABLE','2016-08-01T00:00:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(21,21,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j1a1/mDST-275678-11001-0-7.root','AVAILABLE','2016-08-01T00:35:00.000000+00:00','ONLINE','2016-08-01T00:35:00.000000+00:00','service',0,'2016-08-01T00:40:00.000000+00:00');
INSERT INTO "replica" VALUES(22,22,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j2a1/mDST-275678-11002-0-7.root','AVAILABLE','2016-08-01T00:35:00.000000+00:00','ONLINE','2016-08-01T00:35:00.000000+00:00','service',0,'2016-08-01T00:40:00.000000+00:00');
INSERT INTO "replica" VALUES(23,23,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j3a1/mDST-275678-11003-0-7.root','AVAILABLE','2016-08-01T00:35:00.000000+00:00','ONLINE','2016-08-01T00:35:00.000000+00:00','service',0,'2016-08-01T00:40:00.000000+00:00');
INSERT INTO "replica" VALUES(24,24,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j1a1/275678-11001-0.root','AVAILABLE','2016-08-01T00:35:00.000000+00:00','ONLINE','2016-08-01T00:35:00.000000+00:00','service',0,'2016-08-01T00:40:00.000000+00:00');
INSERT INTO "replica" VALUES(25,25,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j2a1/275678-11002-0.root','AVAILABLE','2016-08-01T00:35:00.000000+00:00','ONLINE','2016-08-01T00:35:00.000000+00:00','service',0,'2016-08-01T00:40:00.000000+00:00');
INSERT INTO "replica" VALUES(26,26,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j3a1/275678-11003-0.root','AVAILABLE','2016-08-01T00:35:00.000000+00:00','ONLINE','2016-08-01T00:35:00.000000+00:00','service',0,'2016-08-01T00:40:00.000000+00:00');
INSERT INTO "replica" VALUES(27,27,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j1a1/evtdump0-11001-275678.raw','AVAILABLE','2016-08-01T00:35:00.000000+00:00','ONLINE','2016-08-01T00:35:00.000000+00:00','service',0,'2016-08-01T00:40:00.000000+00:00');
INSERT INTO "replica" VALUES(28,28,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j2a1/evtdump0-11002-275678.raw','AVAILABLE','2016-08-01T00:35:00.000000+00:00','ONLINE','2016-08-01T00:35:00.000000+00:00','service',0,'2016-08-01T00:40:00.000000+00:00');
INSERT INTO "replica" VALUES(29,29,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j3a1/evtdump0-11003-275678.raw','AVAILABLE','2016-08-01T00:35:00.000000+00:00','ONLINE','2016-08-01T00:35:00.000000+00:00','service',0,'2016-08-01T00:40:00.000000+00:00');
INSERT INTO "replica" VALUES(30,30,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j1a1/dvcs2016P08.275678-11001-0.stdout.gz','AVAILABLE','2016-08-01T00:35:00.000000+00:00','ONLINE','2016-08-01T00:35:00.000000+00:00','service',0,'2016-08-01T00:40:00.000000+00:00');
INSERT INTO "replica" VALUES(31,31,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j2a1/dvcs2016P08.275678-11002-0.stdout.gz','AVAILABLE','2016-08-01T00:35:00.000000+00:00','ONLINE','2016-08-01T00:35:00.000000+00:00','service',0,'2016-08-01T00:40:00.000000+00:00');
INSERT INTO "replica" VALUES(32,32,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j3a1/dvcs2016P08.275678-11003-0.stdout.gz','AVAILABLE','2016-08-01T00:35:00.000000+00:00','ONLINE','2016-08-01T00:35:00.000000+00:00','service',0,'2016-08-01T00:40:00.000000+00:00');
INSERT INTO "replica" VALUES(33,33,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j5a1/mDST-275679-11001-0-7.root','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(34,34,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j6a1/mDST-275679-11002-0-7.root','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(35,35,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j7a1/mDST-275679-11003-0-7.root','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(36,36,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j8a1/mDST-275679-11004-0-7.root','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(37,37,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j5a1/275679-11001-0.root','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(38,38,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j6a1/275679-11002-0.root','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(39,39,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j7a1/275679-11003-0.root','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(40,40,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j8a1/275679-11004-0.root','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(41,41,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j5a1/evtdump0-11001-275679.raw','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(42,42,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j6a1/evtdump0-11002-275679.raw','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(43,43,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j7a1/evtdump0-11003-275679.raw','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(44,44,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j8a1/evtdump0-11004-275679.raw','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(45,45,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j5a1/dvcs2016P08.275679-11001-0.stdout.gz','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(46,46,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j6a1/dvcs2016P08.275679-11002-0.stdout.gz','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(47,47,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j7a1/dvcs2016P08.275679-11003-0.stdout.gz','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(48,48,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j8a1/dvcs2016P08.275679-11004-0.stdout.gz','DELETED','2016-08-01T01:50:00.000000+00:00','ONLINE','2016-08-01T01:10:00.000000+00:00','service',0,'2016-08-01T01:15:00.000000+00:00');
INSERT INTO "replica" VALUES(49,49,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST/j21a1/mDST-275679-0-7.root','AVAILABLE','2016-08-01T01:40:00.000000+00:00','ONLINE','2016-08-01T01:40:00.000000+00:00','service',0,'2016-08-01T01:45:00.000000+00:00');
INSERT INTO "replica" VALUES(50,50,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/histos/j22a1/histsum-275679-0-7.root','AVAILABLE','2016-08-01T01:40:00.000000+00:00','ONLINE','2016-08-01T01:40:00.000000+00:00','service',0,'2016-08-01T01:45:00.000000+00:00');
INSERT INTO "replica" VALUES(51,51,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mergedDump/j23a1/evtdump0-275679.raw','AVAILABLE','2016-08-01T01:40:00.000000+00:00','ONLINE','2016-08-01T01:40:00.000000+00:00','service',0,'2016-08-01T01:45:00.000000+00:00');
INSERT INTO "replica" VALUES(52,52,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logs/j24a1/dvcs2016P08.275679.zip','AVAILABLE','2016-08-01T01:40:00.000000+00:00','ONLINE','2016-08-01T01:40:00.000000+00:00','service',0,'2016-08-01T01:45:00.000000+00:00');
INSERT INTO "replica" VALUES(53,51,2,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw','AVAILABLE','2016-08-01T01:50:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T01:50:00.000000+00:00','service',0,'2016-08-01T01:55:00.000000+00:00');
INSERT INTO "replica" VALUES(54,50,2,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root','AVAILABLE','2016-08-01T01:50:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T01:50:00.000000+00:00','service',0,'2016-08-01T01:55:00.000000+00:00');
INSERT INTO "replica" VALUES(55,52,2,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip','AVAILABLE','2016-08-01T01:50:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T01:50:00.000000+00:00','service',0,'2016-08-01T01:55:00.000000+00:00');
INSERT INTO "replica" VALUES(56,49,2,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root','AVAILABLE','2016-08-01T01:50:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T01:50:00.000000+00:00','service',0,'2016-08-01T01:55:00.000000+00:00');
INSERT INTO "replica" VALUES(57,53,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST/j25a1/mDST-275678-0-7.root','AVAILABLE','2016-08-01T01:45:00.000000+00:00','ONLINE','2016-08-01T01:45:00.000000+00:00','service',0,'2016-08-01T01:50:00.000000+00:00');
INSERT INTO "replica" VALUES(58,54,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/histos/j26a1/histsum-275678-0-7.root','AVAILABLE','2016-08-01T01:45:00.000000+00:00','ONLINE','2016-08-01T01:45:00.000000+00:00','service',0,'2016-08-01T01:50:00.000000+00:00');
INSERT INTO "replica" VALUES(59,54,2,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275678-0-7.root','AVAILABLE','2016-08-01T01:55:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T01:55:00.000000+00:00','service',0,'2016-08-01T02:00:00.000000+00:00');
INSERT INTO "replica" VALUES(60,53,2,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275678-0-7.root','AVAILABLE','2016-08-01T01:55:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T01:55:00.000000+00:00','service',0,'2016-08-01T02:00:00.000000+00:00');
INSERT INTO "replica" VALUES(61,55,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j9a1/mDST-275680-11001-0-7.root','AVAILABLE','2016-08-01T02:10:00.000000+00:00','ONLINE','2016-08-01T02:10:00.000000+00:00','service',0,'2016-08-01T02:15:00.000000+00:00');
INSERT INTO "replica" VALUES(62,56,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j9a1/275680-11001-0.root','AVAILABLE','2016-08-01T02:10:00.000000+00:00','ONLINE','2016-08-01T02:10:00.000000+00:00','service',0,'2016-08-01T02:15:00.000000+00:00');
INSERT INTO "replica" VALUES(63,57,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j9a1/evtdump0-11001-275680.raw','AVAILABLE','2016-08-01T02:10:00.000000+00:00','ONLINE','2016-08-01T02:10:00.000000+00:00','service',0,'2016-08-01T02:15:00.000000+00:00');
INSERT INTO "replica" VALUES(64,58,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j9a1/dvcs2016P08.275680-11001-0.stdout.gz','AVAILABLE','2016-08-01T02:10:00.000000+00:00','ONLINE','2016-08-01T02:10:00.000000+00:00','service',0,'2016-08-01T02:15:00.000000+00:00');
INSERT INTO "replica" VALUES(65,59,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mergedDump/j27a1/evtdump0-275678.raw','AVAILABLE','2016-08-01T02:10:00.000000+00:00','ONLINE','2016-08-01T02:10:00.000000+00:00','service',0,'2016-08-01T02:15:00.000000+00:00');
INSERT INTO "replica" VALUES(66,60,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logs/j28a1/dvcs2016P08.275678.zip','AVAILABLE','2016-08-01T02:10:00.000000+00:00','ONLINE','2016-08-01T02:10:00.000000+00:00','service',0,'2016-08-01T02:15:00.000000+00:00');
INSERT INTO "replica" VALUES(67,60,2,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275678.zip','AVAILABLE','2016-08-01T02:20:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T02:20:00.000000+00:00','service',0,'2016-08-01T02:25:00.000000+00:00');
INSERT INTO "replica" VALUES(68,61,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j11a1/mDST-275680-11003-0-7.root','AVAILABLE','2016-08-01T02:15:00.000000+00:00','ONLINE','2016-08-01T02:15:00.000000+00:00','service',0,'2016-08-01T02:20:00.000000+00:00');
INSERT INTO "replica" VALUES(69,62,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j12a1/mDST-275680-11004-0-7.root','AVAILABLE','2016-08-01T02:15:00.000000+00:00','ONLINE','2016-08-01T02:15:00.000000+00:00','service',0,'2016-08-01T02:20:00.000000+00:00');
INSERT INTO "replica" VALUES(70,63,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j11a1/275680-11003-0.root','AVAILABLE','2016-08-01T02:15:00.000000+00:00','ONLINE','2016-08-01T02:15:00.000000+00:00','service',0,'2016-08-01T02:20:00.000000+00:00');
INSERT INTO "replica" VALUES(71,64,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j12a1/275680-11004-0.root','AVAILABLE','2016-08-01T02:15:00.000000+00:00','ONLINE','2016-08-01T02:15:00.000000+00:00','service',0,'2016-08-01T02:20:00.000000+00:00');
INSERT INTO "replica" VALUES(72,65,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j11a1/evtdump0-11003-275680.raw','AVAILABLE','2016-08-01T02:15:00.000000+00:00','ONLINE','2016-08-01T02:15:00.000000+00:00','service',0,'2016-08-01T02:20:00.000000+00:00');
INSERT INTO "replica" VALUES(73,66,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j12a1/evtdump0-11004-275680.raw','AVAILABLE','2016-08-01T02:15:00.000000+00:00','ONLINE','2016-08-01T02:15:00.000000+00:00','service',0,'2016-08-01T02:20:00.000000+00:00');
INSERT INTO "replica" VALUES(74,67,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j11a1/dvcs2016P08.275680-11003-0.stdout.gz','AVAILABLE','2016-08-01T02:15:00.000000+00:00','ONLINE','2016-08-01T02:15:00.000000+00:00','service',0,'2016-08-01T02:20:00.000000+00:00');
INSERT INTO "replica" VALUES(75,68,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j12a1/dvcs2016P08.275680-11004-0.stdout.gz','AVAILABLE','2016-08-01T02:15:00.000000+00:00','ONLINE','2016-08-01T02:15:00.000000+00:00','service',0,'2016-08-01T02:20:00.000000+00:00');
INSERT INTO "replica" VALUES(76,69,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j13a1/mDST-275681-11001-0-7.root','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(77,70,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j14a1/mDST-275681-11002-0-7.root','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(78,71,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j15a1/mDST-275681-11003-0-7.root','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(79,72,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j16a1/mDST-275681-11004-0-7.root','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(80,73,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j13a1/275681-11001-0.root','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(81,74,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j14a1/275681-11002-0.root','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(82,75,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j15a1/275681-11003-0.root','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(83,76,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j16a1/275681-11004-0.root','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(84,77,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j13a1/evtdump0-11001-275681.raw','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(85,78,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j14a1/evtdump0-11002-275681.raw','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(86,79,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j15a1/evtdump0-11003-275681.raw','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(87,80,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j16a1/evtdump0-11004-275681.raw','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(88,81,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j13a1/dvcs2016P08.275681-11001-0.stdout.gz','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(89,82,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j14a1/dvcs2016P08.275681-11002-0.stdout.gz','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(90,83,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j15a1/dvcs2016P08.275681-11003-0.stdout.gz','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(91,84,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j16a1/dvcs2016P08.275681-11004-0.stdout.gz','AVAILABLE','2016-08-01T03:20:00.000000+00:00','ONLINE','2016-08-01T03:20:00.000000+00:00','service',0,'2016-08-01T03:25:00.000000+00:00');
INSERT INTO "replica" VALUES(92,85,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST/j29a1/mDST-275681-0-7.root','AVAILABLE','2016-08-01T03:50:00.000000+00:00','ONLINE','2016-08-01T03:50:00.000000+00:00','service',0,'2016-08-01T03:55:00.000000+00:00');
INSERT INTO "replica" VALUES(93,86,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/histos/j30a1/histsum-275681-0-7.root','AVAILABLE','2016-08-01T03:50:00.000000+00:00','ONLINE','2016-08-01T03:50:00.000000+00:00','service',0,'2016-08-01T03:55:00.000000+00:00');
INSERT INTO "replica" VALUES(94,87,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mergedDump/j31a1/evtdump0-275681.raw','TRASHED','2016-08-01T03:50:00.000000+00:00','ONLINE','2016-08-01T03:50:00.000000+00:00','service',0,'2016-08-01T03:55:00.000000+00:00');
INSERT INTO "replica" VALUES(95,88,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logs/j32a1/dvcs2016P08.275681.zip','AVAILABLE','2016-08-01T03:50:00.000000+00:00','ONLINE','2016-08-01T03:50:00.000000+00:00','service',0,'2016-08-01T03:55:00.000000+00:00');
INSERT INTO "replica" VALUES(96,88,2,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275681.zip','AVAILABLE','2016-08-01T04:00:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T04:00:00.000000+00:00','service',0,'2016-08-01T04:05:00.000000+00:00');
INSERT INTO "replica" VALUES(97,59,2,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275678.raw','AVAILABLE','2016-08-01T04:00:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T04:00:00.000000+00:00','service',0,'2016-08-01T04:05:00.000000+00:00');
INSERT INTO "replica" VALUES(98,89,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j10a3/mDST-275680-11002-0-7.root','AVAILABLE','2016-08-01T03:55:00.000000+00:00','ONLINE','2016-08-01T03:55:00.000000+00:00','service',0,'2016-08-01T04:00:00.000000+00:00');
INSERT INTO "replica" VALUES(99,90,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j10a3/275680-11002-0.root','AVAILABLE','2016-08-01T03:55:00.000000+00:00','ONLINE','2016-08-01T03:55:00.000000+00:00','service',0,'2016-08-01T04:00:00.000000+00:00');
INSERT INTO "replica" VALUES(100,91,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j10a3/evtdump0-11002-275680.raw','AVAILABLE','2016-08-01T03:55:00.000000+00:00','ONLINE','2016-08-01T03:55:00.000000+00:00','service',0,'2016-08-01T04:00:00.000000+00:00');
INSERT INTO "replica" VALUES(101,92,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j10a3/dvcs2016P08.275680-11002-0.stdout.gz','AVAILABLE','2016-08-01T03:55:00.000000+00:00','ONLINE','2016-08-01T03:55:00.000000+00:00','service',0,'2016-08-01T04:00:00.000000+00:00');
INSERT INTO "replica" VALUES(102,93,2,'/castor/cern.ch/compass/data/2016/raw/W15/cdr11001-275678.raw','UNVERIFIED','2016-08-01T04:00:00.000000+00:00','UNKNOWN',NULL,NULL,0,'2016-08-01T04:00:00.000000+00:00');
INSERT INTO "replica" VALUES(103,94,2,'/elsewhere/1','UNVERIFIED','2016-08-01T04:00:00.000000+00:00','UNKNOWN',NULL,NULL,0,'2016-08-01T04:00:00.000000+00:00');
INSERT INTO "replica" VALUES(104,95,2,'/elsewhere/2','UNVERIFIED','2016-08-01T04:00:00.000000+00:00','UNKNOWN',NULL,NULL,0,'2016-08-01T04:00:00.000000+00:00');
INSERT INTO "replica" VALUES(105,96,2,'/elsewhere/3','UNVERIFIED','2016-08-01T04:00:00.000000+00:00','UNKNOWN',NULL,NULL,0,'2016-08-01T04:00:00.000000+00:00');
CREATE TABLE request (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	endpoint_id INTEGER NOT NULL, 
	label TEXT NOT NULL, 
	external_id TEXT, 
	created_at TEXT NOT NULL, 
	CONSTRAINT pk_request PRIMARY KEY (id), 
	CONSTRAINT ck_request_kind CHECK (kind IN ('stage', 'copy', 'remove', 'release')), 
	CONSTRAINT fk_request_endpoint_id FOREIGN KEY(endpoint_id) REFERENCES endpoint (id) ON DELETE RESTRICT, 
	CONSTRAINT uq_request_label UNIQUE (label)
);
INSERT INTO "request" VALUES(1,'stage',2,'stage-1','request-1','2016-08-01T00:00:00.000000+00:00');
INSERT INTO "request" VALUES(2,'stage',2,'stage-2','request-2','2016-08-01T00:35:00.000000+00:00');
INSERT INTO "request" VALUES(3,'stage',2,'stage-3','request-3','2016-08-01T01:10:00.000000+00:00');
INSERT INTO "request" VALUES(4,'copy',2,'copy-4',NULL,'2016-08-01T01:40:00.000000+00:00');
INSERT INTO "request" VALUES(5,'copy',2,'copy-5',NULL,'2016-08-01T01:45:00.000000+00:00');
INSERT INTO "request" VALUES(6,'remove',1,'remove-6',NULL,'2016-08-01T01:50:00.000000+00:00');
INSERT INTO "request" VALUES(7,'copy',2,'copy-7',NULL,'2016-08-01T02:10:00.000000+00:00');
INSERT INTO "request" VALUES(8,'stage',2,'stage-8','request-4','2016-08-01T02:45:00.000000+00:00');
INSERT INTO "request" VALUES(9,'stage',2,'stage-9','request-5','2016-08-01T03:20:00.000000+00:00');
INSERT INTO "request" VALUES(10,'copy',2,'copy-10',NULL,'2016-08-01T03:50:00.000000+00:00');
INSERT INTO "request" VALUES(11,'copy',2,'copy-11',NULL,'2016-08-01T03:50:00.000000+00:00');
CREATE TABLE task (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	dataset_id INTEGER NOT NULL, 
	definition TEXT NOT NULL, 
	defined_at TEXT NOT NULL, 
	CONSTRAINT pk_task PRIMARY KEY (id), 
	CONSTRAINT fk_task_dataset_id FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE RESTRICT, 
	CONSTRAINT uq_task_name UNIQUE (name)
);
INSERT INTO "task" VALUES(1,'P08',1,'{"dataset": "2016/W14", "disk": "disk", "path": "generalprod/", "period": "P08", "phast": 7, "prod": "dvcs2016P08", "products": {"evtdump": {"archive_dir": "{tape}{path}oracle_dst/{soft}/mergedDump", "archive_to": "tape", "chunk_dir": "{eos}{path}{soft}/evtdump", "chunk_name": "evtdump{slot}-{chunk}-{run}.raw", "merged_dir": "{eos}{path}{soft}/mergedDump", "merged_name": "evtdump{slot}-{run}.raw{part}"}, "hist": {"archive_dir": "{tape}{path}oracle_dst/{soft}/histos", "archive_to": "tape", "chunk_dir": "{eos}{path}{soft}/TRAFDIC", "chunk_name": "{run}-{chunk}-{slot}.root", "merged_dir": "{eos}{path}{soft}/histos", "merged_name": "histsum-{run}-{slot}-{phast}.root{part}"}, "logs": {"archive_dir": "{tape}{path}oracle_dst/{soft}/logs", "archive_to": "tape", "chunk_dir": "{eos}{path}{soft}/logFiles", "chunk_name": "{prod}.{run}-{chunk}-{slot}.stdout.gz", "merged_dir": "{eos}{path}{soft}/logs", "merged_name": "{prod}.{run}.zip{part}"}, "mDST": {"archive_dir": "{tape}{path}oracle_dst/{soft}/mDST", "archive_to": "tape", "chunk_dir": "{eos}{path}{soft}/mDST.chunks", "chunk_name": "mDST-{run}-{chunk}-{slot}-{phast}.root", "merged_dir": "{eos}{path}{soft}/mDST", "merged_name": "mDST-{run}-{slot}-{phast}.root{part}"}}, "raw_name": "cdr{chunk}-{run}.raw", "slot": 0, "soft": "dvcs2016P08t1", "year": 2016}','2016-08-01T00:00:00.000000+00:00');
CREATE INDEX ix_history_noun ON history (noun, noun_id);
CREATE INDEX ix_file_dataset_run ON file (dataset_id, run);
CREATE UNIQUE INDEX uq_file_lfn ON file (lfn) WHERE retired_at IS NULL;
CREATE INDEX ix_merge_group_output_id ON merge_group (output_id);
CREATE INDEX ix_merge_group_run ON merge_group (task_id, run, product);
CREATE INDEX ix_merge_group_state ON merge_group (state, task_id, product, run);
CREATE UNIQUE INDEX uq_merge_group_live ON merge_group (task_id, product, run, part) WHERE state <> 'VOID';
CREATE INDEX ix_parent_parent_id ON parent (parent_id);
CREATE INDEX ix_replica_file_id ON replica (file_id);
CREATE INDEX ix_replica_state ON replica (state, next_try_at);
CREATE UNIQUE INDEX uq_replica_live ON replica (file_id, endpoint_id) WHERE state <> 'DELETED';
CREATE INDEX ix_item_replica_id ON item (replica_id, kind);
CREATE INDEX ix_item_state ON item (state, kind, next_try_at);
CREATE UNIQUE INDEX uq_item_live ON item (kind, replica_id) WHERE state NOT IN ('DONE', 'FAILED', 'CANCELED');
CREATE INDEX ix_job_merge_group_id ON job (merge_group_id);
CREATE INDEX ix_job_state ON job (state);
CREATE INDEX ix_job_task ON job (task_id, kind, run, state);
CREATE UNIQUE INDEX uq_job_label ON job (label);
CREATE INDEX ix_member_file_id ON member (file_id);
CREATE UNIQUE INDEX uq_member_live ON member (file_id) WHERE live;
CREATE INDEX ix_pin_replica_id ON pin (replica_id);
CREATE INDEX ix_pin_state ON pin (state, until);
CREATE UNIQUE INDEX uq_pin_live ON pin (replica_id) WHERE state IN ('ACTIVE', 'RELEASING');
CREATE INDEX ix_job_input_file_id ON job_input (file_id);
COMMIT;
