BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0004');
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
CREATE TABLE "cross_check" (
	id INTEGER NOT NULL, 
	task_id INTEGER NOT NULL, 
	run INTEGER NOT NULL, 
	product TEXT NOT NULL, 
	state TEXT NOT NULL, 
	since TEXT NOT NULL, 
	verdict TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_cross_check PRIMARY KEY (id), 
	CONSTRAINT ck_cross_check_state CHECK (state = 'PENDING' OR state = 'PASSED' OR state = 'FAILED' OR state = 'WAIVED'), 
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
CREATE TABLE "dataset" (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	state TEXT NOT NULL, 
	since TEXT NOT NULL, 
	CONSTRAINT pk_dataset PRIMARY KEY (id), 
	CONSTRAINT ck_dataset_state CHECK (state = 'OPEN' OR state = 'CLOSED'), 
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
CREATE TABLE dataset_meta (
	dataset_id INTEGER NOT NULL, 
	key_id INTEGER NOT NULL, 
	int_value BIGINT, 
	real_value DOUBLE, 
	text_value TEXT, 
	CONSTRAINT pk_dataset_meta PRIMARY KEY (dataset_id, key_id), 
	CONSTRAINT ck_dataset_meta_one_value CHECK (CASE WHEN int_value IS NULL THEN 0 ELSE 1 END + CASE WHEN real_value IS NULL THEN 0 ELSE 1 END + CASE WHEN text_value IS NULL THEN 0 ELSE 1 END = 1), 
	CONSTRAINT fk_dataset_meta_dataset_id FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_dataset_meta_key_id FOREIGN KEY(key_id) REFERENCES meta_key (id) ON DELETE RESTRICT
)
 WITHOUT ROWID

;
CREATE TABLE dataset_owner (
	dataset_id INTEGER NOT NULL, 
	group_id INTEGER NOT NULL, 
	CONSTRAINT pk_dataset_owner PRIMARY KEY (dataset_id), 
	CONSTRAINT fk_dataset_owner_dataset_id FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_dataset_owner_group_id FOREIGN KEY(group_id) REFERENCES owner_group (id) ON DELETE RESTRICT
);
CREATE TABLE dataset_parent (
	dataset_id INTEGER NOT NULL, 
	parent_id INTEGER NOT NULL, 
	CONSTRAINT pk_dataset_parent PRIMARY KEY (dataset_id, parent_id), 
	CONSTRAINT ck_dataset_parent_other CHECK (dataset_id <> parent_id), 
	CONSTRAINT fk_dataset_parent_dataset_id FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_dataset_parent_parent_id FOREIGN KEY(parent_id) REFERENCES dataset (id) ON DELETE RESTRICT
)
 WITHOUT ROWID

;
CREATE TABLE dataset_version (
	dataset_id INTEGER NOT NULL, 
	base TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	previous_id INTEGER, 
	CONSTRAINT pk_dataset_version PRIMARY KEY (dataset_id), 
	CONSTRAINT ck_dataset_version_version CHECK (version >= 1), 
	CONSTRAINT ck_dataset_version_previous CHECK (version = 1 OR previous_id IS NOT NULL), 
	CONSTRAINT fk_dataset_version_dataset_id FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_dataset_version_previous_id FOREIGN KEY(previous_id) REFERENCES dataset (id) ON DELETE RESTRICT, 
	CONSTRAINT uq_dataset_version_base_version UNIQUE (base, version), 
	CONSTRAINT uq_dataset_version_previous_id UNIQUE (previous_id)
);
CREATE TABLE directory (
	id INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	CONSTRAINT pk_directory PRIMARY KEY (id), 
	CONSTRAINT uq_directory_path UNIQUE (path)
);
INSERT INTO "directory" VALUES(1,'/castor/cern.ch/compass/data/2016/raw/W14/');
INSERT INTO "directory" VALUES(2,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/');
INSERT INTO "directory" VALUES(3,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/');
INSERT INTO "directory" VALUES(4,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/');
INSERT INTO "directory" VALUES(5,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/');
INSERT INTO "directory" VALUES(6,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/');
INSERT INTO "directory" VALUES(7,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/');
INSERT INTO "directory" VALUES(8,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/');
INSERT INTO "directory" VALUES(9,'/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/');
INSERT INTO "directory" VALUES(10,'/castor/cern.ch/compass/data/2016/raw/W15/');
CREATE TABLE "endpoint" (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	CONSTRAINT pk_endpoint PRIMARY KEY (id), 
	CONSTRAINT ck_endpoint_kind CHECK (kind = 'disk' OR kind = 'tape'), 
	CONSTRAINT uq_endpoint_name UNIQUE (name)
);
INSERT INTO "endpoint" VALUES(1,'disk','disk');
INSERT INTO "endpoint" VALUES(2,'tape','tape');
CREATE TABLE event_ask (
	id INTEGER NOT NULL, 
	file_id INTEGER NOT NULL, 
	source TEXT NOT NULL, 
	state TEXT NOT NULL, 
	since TEXT NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	next_try_at TEXT NOT NULL, 
	code TEXT, 
	reason TEXT, 
	CONSTRAINT pk_event_ask PRIMARY KEY (id), 
	CONSTRAINT ck_event_ask_state CHECK (state IN ('WAITING', 'ANSWERED', 'GIVEN_UP')), 
	CONSTRAINT fk_event_ask_file_id FOREIGN KEY(file_id) REFERENCES file (id) ON DELETE RESTRICT, 
	CONSTRAINT uq_event_ask_file_id_source UNIQUE (file_id, source)
);
CREATE TABLE "event_count" (
	file_id INTEGER NOT NULL, 
	witness TEXT NOT NULL, 
	n_events BIGINT NOT NULL, 
	said_at TEXT NOT NULL, 
	said_by TEXT NOT NULL, 
	CONSTRAINT pk_event_count PRIMARY KEY (file_id, witness), 
	CONSTRAINT ck_event_count_witness CHECK (witness = 'raw_catalogue' OR witness = 'job' OR witness = 'read'), 
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
CREATE TABLE event_range (
	id INTEGER NOT NULL, 
	task_id INTEGER NOT NULL, 
	file_id INTEGER NOT NULL, 
	start BIGINT NOT NULL, 
	stop BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	since TEXT NOT NULL, 
	lease INTEGER DEFAULT '0' NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	job_id INTEGER, 
	process TEXT, 
	CONSTRAINT pk_event_range PRIMARY KEY (id), 
	CONSTRAINT ck_event_range_state CHECK (state IN ('PLANNED', 'RUNNING', 'DONE', 'HELD', 'VOID')), 
	CONSTRAINT ck_event_range_start CHECK (start >= 0 AND start < stop), 
	CONSTRAINT ck_event_range_process CHECK (state <> 'RUNNING' OR (job_id IS NOT NULL AND process IS NOT NULL)), 
	CONSTRAINT fk_event_range_task_id FOREIGN KEY(task_id) REFERENCES task (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_event_range_file_id FOREIGN KEY(file_id) REFERENCES file (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_event_range_job_id FOREIGN KEY(job_id) REFERENCES job (id) ON DELETE RESTRICT
);
CREATE TABLE "file" (
	id INTEGER NOT NULL, 
	directory_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	dataset_id INTEGER NOT NULL, 
	role TEXT NOT NULL, 
	product TEXT NOT NULL, 
	run INTEGER NOT NULL, 
	chunk TEXT NOT NULL, 
	part INTEGER, 
	size BIGINT, 
	adler32 BIGINT, 
	registered_at TEXT NOT NULL, 
	retired_at TEXT, 
	CONSTRAINT pk_file PRIMARY KEY (id), 
	CONSTRAINT ck_file_role CHECK (role = 'raw' OR role = 'intermediate' OR role = 'final'), 
	CONSTRAINT ck_file_adler32 CHECK (adler32 BETWEEN 0 AND 4294967295), 
	CONSTRAINT ck_file_size CHECK (size >= 0), 
	CONSTRAINT fk_file_directory_id FOREIGN KEY(directory_id) REFERENCES directory (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_file_dataset_id FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE RESTRICT
);
INSERT INTO "file" VALUES(1,1,'cdr11001-275678.raw',1,'raw','raw',275678,'11001',NULL,777035000,2124682009,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(2,1,'cdr11002-275678.raw',1,'raw','raw',275678,'11002',NULL,1026375000,2125468442,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(3,1,'cdr11003-275678.raw',1,'raw','raw',275678,'11003',NULL,736155000,2126254875,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(4,1,'cdr11004-275678.raw',1,'raw','raw',275678,'11004',NULL,846265000,2127041308,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(5,1,'cdr11001-275679.raw',1,'raw','raw',275679,'11001',NULL,767585000,2125009690,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(6,1,'cdr11002-275679.raw',1,'raw','raw',275679,'11002',NULL,984095000,2125796123,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(7,1,'cdr11003-275679.raw',1,'raw','raw',275679,'11003',NULL,957740000,2126582556,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(8,1,'cdr11004-275679.raw',1,'raw','raw',275679,'11004',NULL,970795000,2127368989,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(9,1,'cdr11001-275680.raw',1,'raw','raw',275680,'11001',NULL,917665000,2122453778,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(10,1,'cdr11002-275680.raw',1,'raw','raw',275680,'11002',NULL,820365000,2123240211,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(11,1,'cdr11003-275680.raw',1,'raw','raw',275680,'11003',NULL,753795000,2124026644,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(12,1,'cdr11004-275680.raw',1,'raw','raw',275680,'11004',NULL,979755000,2124813077,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(13,1,'cdr11001-275681.raw',1,'raw','raw',275681,'11001',NULL,716240000,2122781459,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(14,1,'cdr11002-275681.raw',1,'raw','raw',275681,'11002',NULL,923510000,2123567892,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(15,1,'cdr11003-275681.raw',1,'raw','raw',275681,'11003',NULL,948150000,2124354325,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(16,1,'cdr11004-275681.raw',1,'raw','raw',275681,'11004',NULL,1048320000,2125140758,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(17,1,'cdr11001-275682.raw',1,'raw','raw',275682,'11001',NULL,701190000,2123109140,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(18,1,'cdr11002-275682.raw',1,'raw','raw',275682,'11002',NULL,955395000,2123895573,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(19,1,'cdr11003-275682.raw',1,'raw','raw',275682,'11003',NULL,852705000,2124682006,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(20,1,'cdr11004-275682.raw',1,'raw','raw',275682,'11004',NULL,4096,2125468439,'2016-08-01T00:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(21,2,'mDST-275678-11001-0-7.root',2,'intermediate','mDST',275678,'11001',NULL,8880400,580591093,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(22,2,'mDST-275678-11002-0-7.root',2,'intermediate','mDST',275678,'11002',NULL,11730000,584195588,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(23,2,'mDST-275678-11003-0-7.root',2,'intermediate','mDST',275678,'11003',NULL,8413200,582557177,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(24,3,'275678-11001-0.root',3,'intermediate','hist',275678,'11001',NULL,444020,3245087223,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(25,3,'275678-11002-0.root',3,'intermediate','hist',275678,'11002',NULL,586500,3248560646,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(26,3,'275678-11003-0.root',3,'intermediate','hist',275678,'11003',NULL,420660,3246791163,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(27,4,'evtdump0-11001-275678.raw',4,'intermediate','evtdump',275678,'11001',NULL,7770000,2374376793,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(28,4,'evtdump0-11002-275678.raw',4,'intermediate','evtdump',275678,'11002',NULL,10262000,2377129316,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(29,4,'evtdump0-11003-275678.raw',4,'intermediate','evtdump',275678,'11003',NULL,7360500,2376342875,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(30,5,'dvcs2016P08.275678-11001-0.stdout.gz',5,'intermediate','logs',275678,'11001',NULL,10,2338594742,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(31,5,'dvcs2016P08.275678-11002-0.stdout.gz',5,'intermediate','logs',275678,'11002',NULL,10,2339577783,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(32,5,'dvcs2016P08.275678-11003-0.stdout.gz',5,'intermediate','logs',275678,'11003',NULL,10,2340560824,'2016-08-01T00:35:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(33,2,'mDST-275679-11001-0-7.root',2,'intermediate','mDST',275679,'11001',NULL,8772400,583540223,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(34,2,'mDST-275679-11002-0-7.root',2,'intermediate','mDST',275679,'11002',NULL,11246800,584982019,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(35,2,'mDST-275679-11003-0-7.root',2,'intermediate','mDST',275679,'11003',NULL,10945600,586620423,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(36,2,'mDST-275679-11004-0-7.root',2,'intermediate','mDST',275679,'11004',NULL,11094800,588258828,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(37,3,'275679-11001-0.root',3,'intermediate','hist',275679,'11001',NULL,438620,3247905281,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(38,3,'275679-11002-0.root',3,'intermediate','hist',275679,'11002',NULL,562340,3249216005,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(39,3,'275679-11003-0.root',3,'intermediate','hist',275679,'11003',NULL,547280,3250723337,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(40,3,'275679-11004-0.root',3,'intermediate','hist',275679,'11004',NULL,554740,3252230670,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(41,4,'evtdump0-11001-275679.raw',4,'intermediate','evtdump',275679,'11001',NULL,7675500,2375949667,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(42,4,'evtdump0-11002-275679.raw',4,'intermediate','evtdump',275679,'11002',NULL,9838500,2377260385,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(43,4,'evtdump0-11003-275679.raw',4,'intermediate','evtdump',275679,'11003',NULL,9576000,2378767720,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(44,4,'evtdump0-11004-275679.raw',4,'intermediate','evtdump',275679,'11004',NULL,9705500,2380209514,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(45,5,'dvcs2016P08.275679-11001-0.stdout.gz',5,'intermediate','logs',275679,'11001',NULL,10,2339970999,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(46,5,'dvcs2016P08.275679-11002-0.stdout.gz',5,'intermediate','logs',275679,'11002',NULL,10,2340954040,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(47,5,'dvcs2016P08.275679-11003-0.stdout.gz',5,'intermediate','logs',275679,'11003',NULL,10,2341937081,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(48,5,'dvcs2016P08.275679-11004-0.stdout.gz',5,'intermediate','logs',275679,'11004',NULL,10,2342920122,'2016-08-01T01:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(49,6,'mDST-275679-0-7.root',6,'final','mDST',275679,'',0,42059600,360390221,'2016-08-01T01:40:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(50,7,'histsum-275679-0-7.root',7,'final','hist',275679,'',0,2102980,3828228420,'2016-08-01T01:40:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(51,8,'evtdump0-275679.raw',8,'final','evtdump',275679,'',0,36795500,3401982311,'2016-08-01T01:40:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(52,9,'dvcs2016P08.275679.zip',9,'final','logs',275679,'',0,40,3412991570,'2016-08-01T01:40:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(53,6,'mDST-275678-0-7.root',6,'final','mDST',275678,'',0,29023600,4148305444,'2016-08-01T01:45:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(54,7,'histsum-275678-0-7.root',7,'final','hist',275678,'',0,1451180,3272417563,'2016-08-01T01:45:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(55,2,'mDST-275680-11001-0-7.root',2,'intermediate','mDST',275680,'11001',NULL,10487600,572268027,'2016-08-01T02:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(56,3,'275680-11001-0.root',3,'intermediate','hist',275680,'11001',NULL,524380,3237681661,'2016-08-01T02:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(57,4,'evtdump0-11001-275680.raw',4,'intermediate','evtdump',275680,'11001',NULL,9173500,2370706775,'2016-08-01T02:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(58,5,'dvcs2016P08.275680-11001-0.stdout.gz',5,'intermediate','logs',275680,'11001',NULL,10,2329026479,'2016-08-01T02:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(59,8,'evtdump0-275678.raw',8,'final','evtdump',275678,'',0,25392500,2843156799,'2016-08-01T02:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(60,9,'dvcs2016P08.275678.zip',9,'final','logs',275678,'',0,30,3412467280,'2016-08-01T02:10:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(61,2,'mDST-275680-11003-0-7.root',2,'intermediate','mDST',275680,'11003',NULL,8614800,573775355,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(62,2,'mDST-275680-11004-0-7.root',2,'intermediate','mDST',275680,'11004',NULL,11197200,577707528,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(63,3,'275680-11003-0.root',3,'intermediate','hist',275680,'11003',NULL,430740,3238926845,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(64,3,'275680-11004-0.root',3,'intermediate','hist',275680,'11004',NULL,559860,3242727946,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(65,4,'evtdump0-11003-275680.raw',4,'intermediate','evtdump',275680,'11003',NULL,7535500,2372476249,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(66,4,'evtdump0-11004-275680.raw',4,'intermediate','evtdump',275680,'11004',NULL,9796500,2375687530,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(67,5,'dvcs2016P08.275680-11003-0.stdout.gz',5,'intermediate','logs',275680,'11003',NULL,10,2330992561,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(68,5,'dvcs2016P08.275680-11004-0.stdout.gz',5,'intermediate','logs',275680,'11004',NULL,10,2331975602,'2016-08-01T02:15:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(69,2,'mDST-275681-11001-0-7.root',2,'intermediate','mDST',275681,'11001',NULL,8185600,572857848,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(70,2,'mDST-275681-11002-0-7.root',2,'intermediate','mDST',275681,'11002',NULL,10554400,575675906,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(71,2,'mDST-275681-11003-0-7.root',2,'intermediate','mDST',275681,'11003',NULL,10836000,576134652,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(72,2,'mDST-275681-11004-0-7.root',2,'intermediate','mDST',275681,'11004',NULL,11980800,579083782,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(73,3,'275681-11001-0.root',3,'intermediate','hist',275681,'11001',NULL,409280,3238140410,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(74,3,'275681-11002-0.root',3,'intermediate','hist',275681,'11002',NULL,527720,3240827396,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(75,3,'275681-11003-0.root',3,'intermediate','hist',275681,'11003',NULL,541800,3241155070,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(76,3,'275681-11004-0.root',3,'intermediate','hist',275681,'11004',NULL,599040,3243973128,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(77,4,'evtdump0-11001-275681.raw',4,'intermediate','evtdump',275681,'11001',NULL,7161000,2370772313,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(78,4,'evtdump0-11002-275681.raw',4,'intermediate','evtdump',275681,'11002',NULL,9233000,2373066081,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(79,4,'evtdump0-11003-275681.raw',4,'intermediate','evtdump',275681,'11003',NULL,9481500,2374049121,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(80,4,'evtdump0-11004-275681.raw',4,'intermediate','evtdump',275681,'11004',NULL,10482500,2376473961,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(81,5,'dvcs2016P08.275681-11001-0.stdout.gz',5,'intermediate','logs',275681,'11001',NULL,10,2330402736,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(82,5,'dvcs2016P08.275681-11002-0.stdout.gz',5,'intermediate','logs',275681,'11002',NULL,10,2331385777,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(83,5,'dvcs2016P08.275681-11003-0.stdout.gz',5,'intermediate','logs',275681,'11003',NULL,10,2332368818,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(84,5,'dvcs2016P08.275681-11004-0.stdout.gz',5,'intermediate','logs',275681,'11004',NULL,10,2333351859,'2016-08-01T03:20:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(85,6,'mDST-275681-0-7.root',6,'final','mDST',275681,'',0,41556800,353705545,'2016-08-01T03:50:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(86,7,'histsum-275681-0-7.root',7,'final','hist',275681,'',0,2077840,3821543744,'2016-08-01T03:50:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(87,8,'evtdump0-275681.raw',8,'final','evtdump',275681,'',0,36358000,3397853546,'2016-08-01T03:50:00.000000+00:00','2016-08-01T03:50:00.000000+00:00');
INSERT INTO "file" VALUES(88,9,'dvcs2016P08.275681.zip',9,'final','logs',275681,'',0,40,3409845835,'2016-08-01T03:50:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(89,2,'mDST-275680-11002-0-7.root',2,'intermediate','mDST',275680,'11002',NULL,9375600,573185533,'2016-08-01T03:55:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(90,3,'275680-11002-0.root',3,'intermediate','hist',275680,'11002',NULL,468780,3238468095,'2016-08-01T03:55:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(91,4,'evtdump0-11002-275680.raw',4,'intermediate','evtdump',275680,'11002',NULL,8200500,2371624281,'2016-08-01T03:55:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(92,5,'dvcs2016P08.275680-11002-0.stdout.gz',5,'intermediate','logs',275680,'11002',NULL,10,2330009520,'2016-08-01T03:55:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(93,10,'cdr11001-275678.raw',10,'raw','raw',275678,'11001',NULL,777035000,2124682009,'2016-08-01T04:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(94,10,'cdr11002-275678.raw',10,'raw','raw',275678,'11002',NULL,1026375000,2125468442,'2016-08-01T04:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(95,10,'cdr11003-275678.raw',10,'raw','raw',275678,'11003',NULL,736155000,2126254875,'2016-08-01T04:00:00.000000+00:00',NULL);
INSERT INTO "file" VALUES(96,10,'cdr11004-275678.raw',10,'raw','raw',275678,'11004',NULL,846265000,2127041308,'2016-08-01T04:00:00.000000+00:00',NULL);
CREATE TABLE file_meta (
	file_id INTEGER NOT NULL, 
	key_id INTEGER NOT NULL, 
	int_value BIGINT, 
	real_value DOUBLE, 
	text_value TEXT, 
	CONSTRAINT pk_file_meta PRIMARY KEY (file_id, key_id), 
	CONSTRAINT ck_file_meta_one_value CHECK (CASE WHEN int_value IS NULL THEN 0 ELSE 1 END + CASE WHEN real_value IS NULL THEN 0 ELSE 1 END + CASE WHEN text_value IS NULL THEN 0 ELSE 1 END = 1), 
	CONSTRAINT fk_file_meta_file_id FOREIGN KEY(file_id) REFERENCES file (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_file_meta_key_id FOREIGN KEY(key_id) REFERENCES meta_key (id) ON DELETE RESTRICT
)
 WITHOUT ROWID

;
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
CREATE TABLE heartbeat (
	range_id INTEGER NOT NULL, 
	lease INTEGER NOT NULL, 
	processed_up_to BIGINT NOT NULL, 
	stop BIGINT NOT NULL, 
	heard_at TEXT NOT NULL, 
	CONSTRAINT pk_heartbeat PRIMARY KEY (range_id), 
	CONSTRAINT ck_heartbeat_processed_up_to CHECK (processed_up_to <= stop), 
	CONSTRAINT fk_heartbeat_range_id FOREIGN KEY(range_id) REFERENCES event_range (id) ON DELETE RESTRICT
)
 WITHOUT ROWID

;
CREATE TABLE "history" (
	id INTEGER NOT NULL, 
	noun TEXT NOT NULL, 
	noun_id INTEGER NOT NULL, 
	last_id INTEGER NOT NULL, 
	event TEXT NOT NULL, 
	old TEXT NOT NULL, 
	new TEXT NOT NULL, 
	at TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	CONSTRAINT pk_history PRIMARY KEY (id), 
	CONSTRAINT ck_history_span CHECK (last_id >= noun_id AND last_id < noun_id + 256)
);
INSERT INTO "history" VALUES(1,'dataset',1,1,'born','','OPEN','2016-08-01T00:00:00.000000+00:00','root@vm','named in the configuration');
INSERT INTO "history" VALUES(2,'task',1,1,'defined','','','2016-08-01T00:00:00.000000+00:00','root@vm','named in the configuration');
INSERT INTO "history" VALUES(3,'replica',1,20,'born','','UNVERIFIED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(4,'file',1,20,'registered','','','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(5,'dataset',1,1,'closed','OPEN','CLOSED','2016-08-01T00:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(6,'replica',1,20,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(7,'job',1,20,'born','','WAITING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(8,'item',1,4,'claimed','QUEUED','SUBMITTING','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(9,'item',1,4,'accepted','SUBMITTING','SUBMITTED','2016-08-01T00:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(10,'item',1,3,'done','SUBMITTED','DONE','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(11,'item',4,4,'failed','SUBMITTED','HELD','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','tape_lost: /castor/cern.ch/compass/data/2016/raw/W14/cdr11004-275678.raw cannot be read from tape V275678 — tape_lost does not pass by itself: a person must look');
INSERT INTO "history" VALUES(12,'job',1,3,'inputs_readable','WAITING','READY','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(13,'job',1,3,'claimed','READY','SUBMITTING','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(14,'job',1,3,'accepted','SUBMITTING','RUNNING','2016-08-01T00:05:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(15,'dataset',2,2,'born','','OPEN','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(16,'dataset',3,3,'born','','OPEN','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(17,'dataset',4,4,'born','','OPEN','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(18,'dataset',5,5,'born','','OPEN','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(19,'job',1,3,'ended_well','RUNNING','ENDED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(20,'replica',21,23,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(21,'file',21,23,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(22,'replica',24,26,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(23,'file',24,26,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(24,'replica',27,29,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(25,'file',27,29,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(26,'replica',30,32,'born','','UNVERIFIED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(27,'file',30,32,'registered','','','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(28,'job',1,3,'outputs_registered','ENDED','DONE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(29,'pin',1,3,'last_reader_left','ACTIVE','RELEASING','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(30,'pin',1,3,'released','RELEASING','RELEASED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(31,'item',5,8,'claimed','QUEUED','SUBMITTING','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(32,'item',5,8,'accepted','SUBMITTING','SUBMITTED','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(33,'replica',21,32,'verified','UNVERIFIED','AVAILABLE','2016-08-01T00:35:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(34,'item',5,8,'done','SUBMITTED','DONE','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(35,'job',5,8,'inputs_readable','WAITING','READY','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(36,'job',5,8,'claimed','READY','SUBMITTING','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(37,'job',5,8,'accepted','SUBMITTING','RUNNING','2016-08-01T00:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(38,'job',5,8,'ended_well','RUNNING','ENDED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(39,'replica',33,36,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(40,'file',33,36,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(41,'replica',37,40,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(42,'file',37,40,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(43,'replica',41,44,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(44,'file',41,44,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(45,'replica',45,48,'born','','UNVERIFIED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(46,'file',45,48,'registered','','','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(47,'job',5,8,'outputs_registered','ENDED','DONE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(48,'pin',4,7,'last_reader_left','ACTIVE','RELEASING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(49,'pin',4,7,'released','RELEASING','RELEASED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(50,'item',9,12,'claimed','QUEUED','SUBMITTING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(51,'item',9,12,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(52,'group',1,1,'born','','PLANNED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(53,'job',21,21,'born','','WAITING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(54,'group',1,1,'job_created','PLANNED','MERGING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(55,'group',2,2,'born','','PLANNED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(56,'job',22,22,'born','','WAITING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(57,'group',2,2,'job_created','PLANNED','MERGING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(58,'group',3,3,'born','','PLANNED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(59,'job',23,23,'born','','WAITING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(60,'group',3,3,'job_created','PLANNED','MERGING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(61,'group',4,4,'born','','PLANNED','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(62,'job',24,24,'born','','WAITING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(63,'group',4,4,'job_created','PLANNED','MERGING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(64,'replica',33,48,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(65,'job',21,24,'inputs_readable','WAITING','READY','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(66,'job',21,24,'claimed','READY','SUBMITTING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(67,'job',21,24,'accepted','SUBMITTING','RUNNING','2016-08-01T01:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(68,'job',4,4,'canceled','WAITING','CANCELED','2016-08-01T01:15:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(69,'item',4,4,'given_up','HELD','FAILED','2016-08-01T01:15:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(70,'file',4,4,'gap_registered','','','2016-08-01T01:15:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab (approved by X. Y)');
INSERT INTO "history" VALUES(71,'group',5,5,'born','','PLANNED','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(72,'job',25,25,'born','','WAITING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(73,'group',5,5,'job_created','PLANNED','MERGING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(74,'group',6,6,'born','','PLANNED','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(75,'job',26,26,'born','','WAITING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(76,'group',6,6,'job_created','PLANNED','MERGING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(77,'group',7,7,'born','','PLANNED','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(78,'job',27,27,'born','','WAITING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(79,'group',7,7,'job_created','PLANNED','MERGING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(80,'group',8,8,'born','','PLANNED','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(81,'job',28,28,'born','','WAITING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(82,'group',8,8,'job_created','PLANNED','MERGING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(83,'item',9,12,'done','SUBMITTED','DONE','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(84,'job',9,12,'inputs_readable','WAITING','READY','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(85,'job',25,28,'inputs_readable','WAITING','READY','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(86,'job',25,26,'claimed','READY','SUBMITTING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(87,'job',25,26,'accepted','SUBMITTING','RUNNING','2016-08-01T01:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(88,'dataset',6,6,'born','','OPEN','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(89,'dataset',7,7,'born','','OPEN','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(90,'dataset',8,8,'born','','OPEN','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(91,'dataset',9,9,'born','','OPEN','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','outputs of a task');
INSERT INTO "history" VALUES(92,'job',21,24,'ended_well','RUNNING','ENDED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(93,'replica',49,49,'born','','UNVERIFIED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(94,'file',49,49,'registered','','','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(95,'replica',50,50,'born','','UNVERIFIED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(96,'file',50,50,'registered','','','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(97,'replica',51,51,'born','','UNVERIFIED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(98,'file',51,51,'registered','','','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(99,'replica',52,52,'born','','UNVERIFIED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(100,'file',52,52,'registered','','','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(101,'group',1,4,'output_registered','MERGING','MERGED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(102,'job',21,24,'outputs_registered','ENDED','DONE','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(103,'job',9,10,'claimed','READY','SUBMITTING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(104,'job',27,28,'claimed','READY','SUBMITTING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(105,'job',9,10,'accepted','SUBMITTING','RUNNING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(106,'job',27,28,'accepted','SUBMITTING','RUNNING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(107,'replica',49,52,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(108,'check',1,4,'born','','PENDING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(109,'check',1,4,'agree','PENDING','PASSED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(110,'group',1,4,'counts_agree','MERGED','CHECKED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(111,'replica',53,56,'born','','COPYING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(112,'item',21,24,'claimed','QUEUED','SUBMITTING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(113,'item',21,24,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(114,'item',21,24,'done','SUBMITTED','DONE','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(115,'replica',53,56,'landed','COPYING','UNVERIFIED','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(116,'replica',53,56,'verified_in_buffer','UNVERIFIED','ARCHIVING','2016-08-01T01:40:00.000000+00:00','flow:released@nowhere','size and adler32 agree (adler32 by service), in the buffer, not yet on tape');
INSERT INTO "history" VALUES(117,'job',25,26,'ended_well','RUNNING','ENDED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(118,'replica',57,57,'born','','UNVERIFIED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(119,'file',53,53,'registered','','','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(120,'replica',58,58,'born','','UNVERIFIED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(121,'file',54,54,'registered','','','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(122,'group',5,6,'output_registered','MERGING','MERGED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(123,'job',25,26,'outputs_registered','ENDED','DONE','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(124,'job',11,12,'claimed','READY','SUBMITTING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(125,'job',11,12,'accepted','SUBMITTING','RUNNING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(126,'replica',57,58,'verified','UNVERIFIED','AVAILABLE','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(127,'check',5,6,'born','','PENDING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(128,'check',5,6,'agree','PENDING','PASSED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(129,'group',5,6,'counts_agree','MERGED','CHECKED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(130,'replica',59,60,'born','','COPYING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(131,'item',25,26,'claimed','QUEUED','SUBMITTING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(132,'item',25,26,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(133,'item',25,26,'done','SUBMITTED','DONE','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(134,'replica',59,60,'landed','COPYING','UNVERIFIED','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(135,'replica',59,60,'verified_in_buffer','UNVERIFIED','ARCHIVING','2016-08-01T01:45:00.000000+00:00','flow:released@nowhere','size and adler32 agree (adler32 by service), in the buffer, not yet on tape');
INSERT INTO "history" VALUES(136,'replica',53,56,'on_tape','ARCHIVING','AVAILABLE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(137,'group',1,4,'output_on_tape','CHECKED','ARCHIVED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(138,'replica',33,33,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate b7bbb808b0795bde: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root');
INSERT INTO "history" VALUES(139,'replica',34,34,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate b7bbb808b0795bde: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root');
INSERT INTO "history" VALUES(140,'replica',35,35,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate b7bbb808b0795bde: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root');
INSERT INTO "history" VALUES(141,'replica',36,36,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate b7bbb808b0795bde: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root');
INSERT INTO "history" VALUES(142,'replica',37,37,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 662f057d8993902a: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root');
INSERT INTO "history" VALUES(143,'replica',38,38,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 662f057d8993902a: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root');
INSERT INTO "history" VALUES(144,'replica',39,39,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 662f057d8993902a: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root');
INSERT INTO "history" VALUES(145,'replica',40,40,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 662f057d8993902a: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root');
INSERT INTO "history" VALUES(146,'replica',41,41,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 39c63d7b3406d776: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw');
INSERT INTO "history" VALUES(147,'replica',42,42,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 39c63d7b3406d776: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw');
INSERT INTO "history" VALUES(148,'replica',43,43,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 39c63d7b3406d776: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw');
INSERT INTO "history" VALUES(149,'replica',44,44,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 39c63d7b3406d776: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw');
INSERT INTO "history" VALUES(150,'replica',45,45,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 9328e769fda1670c: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip');
INSERT INTO "history" VALUES(151,'replica',46,46,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 9328e769fda1670c: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip');
INSERT INTO "history" VALUES(152,'replica',47,47,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 9328e769fda1670c: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip');
INSERT INTO "history" VALUES(153,'replica',48,48,'trashed','AVAILABLE','TRASHED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','certificate 9328e769fda1670c: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip');
INSERT INTO "history" VALUES(154,'item',27,42,'claimed','QUEUED','SUBMITTING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(155,'replica',33,48,'removal_sent','TRASHED','DELETING','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(156,'item',27,42,'accepted','SUBMITTING','SUBMITTED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(157,'item',27,42,'done','SUBMITTED','DONE','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(158,'replica',33,48,'removed','DELETING','DELETED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(159,'group',1,4,'inputs_gone','ARCHIVED','CLEANED','2016-08-01T01:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(160,'replica',59,60,'on_tape','ARCHIVING','AVAILABLE','2016-08-01T01:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(161,'group',5,6,'output_on_tape','CHECKED','ARCHIVED','2016-08-01T01:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(162,'job',9,9,'ended_well','RUNNING','ENDED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(163,'job',27,28,'ended_well','RUNNING','ENDED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(164,'replica',61,61,'born','','UNVERIFIED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(165,'file',55,55,'registered','','','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(166,'replica',62,62,'born','','UNVERIFIED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(167,'file',56,56,'registered','','','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(168,'replica',63,63,'born','','UNVERIFIED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(169,'file',57,57,'registered','','','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(170,'replica',64,64,'born','','UNVERIFIED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(171,'file',58,58,'registered','','','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(172,'replica',65,65,'born','','UNVERIFIED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(173,'file',59,59,'registered','','','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(174,'replica',66,66,'born','','UNVERIFIED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(175,'file',60,60,'registered','','','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(176,'group',7,8,'output_registered','MERGING','MERGED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(177,'job',9,9,'outputs_registered','ENDED','DONE','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(178,'job',27,28,'outputs_registered','ENDED','DONE','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(179,'job',10,10,'vanished','RUNNING','WAITING','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','vanished: lost by the runner');
INSERT INTO "history" VALUES(180,'pin',8,8,'last_reader_left','ACTIVE','RELEASING','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(181,'pin',8,8,'released','RELEASING','RELEASED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(182,'replica',61,66,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(183,'check',7,8,'born','','PENDING','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(184,'check',8,8,'agree','PENDING','PASSED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(185,'group',8,8,'counts_agree','MERGED','CHECKED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(186,'check',7,7,'differ','PENDING','FAILED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','part 0: its 3 files hold 7255 events, the merge job says 7255, the merged file holds 7254');
INSERT INTO "history" VALUES(187,'group',7,7,'counts_differ','MERGED','MISMATCHED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','part 0: its 3 files hold 7255 events, the merge job says 7255, the merged file holds 7254');
INSERT INTO "history" VALUES(188,'replica',67,67,'born','','COPYING','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(189,'item',43,43,'claimed','QUEUED','SUBMITTING','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(190,'item',43,43,'accepted','SUBMITTING','SUBMITTED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(191,'item',43,43,'done','SUBMITTED','DONE','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(192,'replica',67,67,'landed','COPYING','UNVERIFIED','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(193,'replica',67,67,'verified_in_buffer','UNVERIFIED','ARCHIVING','2016-08-01T02:10:00.000000+00:00','flow:released@nowhere','size and adler32 agree (adler32 by service), in the buffer, not yet on tape');
INSERT INTO "history" VALUES(194,'job',11,12,'ended_well','RUNNING','ENDED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(195,'replica',68,69,'born','','UNVERIFIED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(196,'file',61,62,'registered','','','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(197,'replica',70,71,'born','','UNVERIFIED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(198,'file',63,64,'registered','','','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(199,'replica',72,73,'born','','UNVERIFIED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(200,'file',65,66,'registered','','','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(201,'replica',74,75,'born','','UNVERIFIED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(202,'file',67,68,'registered','','','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(203,'job',11,12,'outputs_registered','ENDED','DONE','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(204,'pin',10,11,'last_reader_left','ACTIVE','RELEASING','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(205,'pin',10,11,'released','RELEASING','RELEASED','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(206,'job',10,10,'inputs_readable','WAITING','READY','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(207,'job',10,10,'claimed','READY','SUBMITTING','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(208,'job',10,10,'accepted','SUBMITTING','RUNNING','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(209,'replica',68,75,'verified','UNVERIFIED','AVAILABLE','2016-08-01T02:15:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(210,'replica',67,67,'on_tape','ARCHIVING','AVAILABLE','2016-08-01T02:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(211,'group',8,8,'output_on_tape','CHECKED','ARCHIVED','2016-08-01T02:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(212,'job',10,10,'ended_badly','RUNNING','WAITING','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','checksum_mismatch: /castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275680.raw: bytes differ');
INSERT INTO "history" VALUES(213,'pin',9,9,'last_reader_left','ACTIVE','RELEASING','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','a job could not use it: /castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275680.raw: bytes differ');
INSERT INTO "history" VALUES(214,'pin',9,9,'released','RELEASING','RELEASED','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(215,'item',13,16,'claimed','QUEUED','SUBMITTING','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(216,'item',13,16,'accepted','SUBMITTING','SUBMITTED','2016-08-01T02:45:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(217,'item',13,16,'done','SUBMITTED','DONE','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(218,'job',13,16,'inputs_readable','WAITING','READY','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(219,'job',13,16,'claimed','READY','SUBMITTING','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(220,'job',13,16,'accepted','SUBMITTING','RUNNING','2016-08-01T02:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(221,'job',13,16,'ended_well','RUNNING','ENDED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(222,'replica',76,79,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(223,'file',69,72,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(224,'replica',80,83,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(225,'file',73,76,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(226,'replica',84,87,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(227,'file',77,80,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(228,'replica',88,91,'born','','UNVERIFIED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(229,'file',81,84,'registered','','','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(230,'job',13,16,'outputs_registered','ENDED','DONE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(231,'pin',12,15,'last_reader_left','ACTIVE','RELEASING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(232,'pin',12,15,'released','RELEASING','RELEASED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(233,'item',17,20,'claimed','QUEUED','SUBMITTING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(234,'item',44,44,'claimed','QUEUED','SUBMITTING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(235,'item',17,20,'accepted','SUBMITTING','SUBMITTED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(236,'item',44,44,'accepted','SUBMITTING','SUBMITTED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(237,'group',9,9,'born','','PLANNED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(238,'job',29,29,'born','','WAITING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(239,'group',9,9,'job_created','PLANNED','MERGING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(240,'group',10,10,'born','','PLANNED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(241,'job',30,30,'born','','WAITING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(242,'group',10,10,'job_created','PLANNED','MERGING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(243,'group',11,11,'born','','PLANNED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(244,'job',31,31,'born','','WAITING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(245,'group',11,11,'job_created','PLANNED','MERGING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(246,'group',12,12,'born','','PLANNED','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(247,'job',32,32,'born','','WAITING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(248,'group',12,12,'job_created','PLANNED','MERGING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(249,'replica',76,91,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(250,'job',29,32,'inputs_readable','WAITING','READY','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(251,'job',29,32,'claimed','READY','SUBMITTING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(252,'job',29,32,'accepted','SUBMITTING','RUNNING','2016-08-01T03:20:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(253,'item',17,17,'done','SUBMITTED','DONE','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(254,'item',19,20,'done','SUBMITTED','DONE','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(255,'item',44,44,'done','SUBMITTED','DONE','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(256,'item',18,18,'failed','SUBMITTED','HELD','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','tape_lost: /castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275682.raw cannot be read from tape V275682 — tape_lost does not pass by itself: a person must look');
INSERT INTO "history" VALUES(257,'job',10,10,'inputs_readable','WAITING','READY','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(258,'job',17,17,'inputs_readable','WAITING','READY','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(259,'job',19,20,'inputs_readable','WAITING','READY','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(260,'job',10,10,'claimed','READY','SUBMITTING','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(261,'job',17,17,'claimed','READY','SUBMITTING','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(262,'job',10,10,'accepted','SUBMITTING','RUNNING','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(263,'job',17,17,'accepted','SUBMITTING','RUNNING','2016-08-01T03:25:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(264,'job',29,32,'ended_well','RUNNING','ENDED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(265,'replica',92,92,'born','','UNVERIFIED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(266,'file',85,85,'registered','','','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(267,'replica',93,93,'born','','UNVERIFIED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(268,'file',86,86,'registered','','','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(269,'replica',94,94,'born','','UNVERIFIED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(270,'file',87,87,'registered','','','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(271,'replica',95,95,'born','','UNVERIFIED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(272,'file',88,88,'registered','','','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(273,'group',9,12,'output_registered','MERGING','MERGED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(274,'job',29,32,'outputs_registered','ENDED','DONE','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(275,'job',19,20,'claimed','READY','SUBMITTING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(276,'job',19,20,'accepted','SUBMITTING','RUNNING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(277,'replica',92,95,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(278,'check',9,12,'born','','PENDING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(279,'check',11,11,'agree','PENDING','PASSED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(280,'group',12,12,'counts_agree','MERGED','CHECKED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(281,'check',9,9,'differ','PENDING','FAILED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','part 0: its 4 files hold 10388 events, the merge job says 10388, the merged file holds 10387');
INSERT INTO "history" VALUES(282,'group',11,11,'counts_differ','MERGED','MISMATCHED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','part 0: its 4 files hold 10388 events, the merge job says 10388, the merged file holds 10387');
INSERT INTO "history" VALUES(283,'check',10,10,'differ','PENDING','FAILED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891');
INSERT INTO "history" VALUES(284,'group',10,10,'counts_differ','MERGED','MISMATCHED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891');
INSERT INTO "history" VALUES(285,'check',12,12,'differ','PENDING','FAILED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891');
INSERT INTO "history" VALUES(286,'group',9,9,'counts_differ','MERGED','MISMATCHED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891');
INSERT INTO "history" VALUES(287,'replica',96,96,'born','','COPYING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(288,'item',45,45,'claimed','QUEUED','SUBMITTING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(289,'item',45,45,'accepted','SUBMITTING','SUBMITTED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(290,'item',45,45,'done','SUBMITTED','DONE','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(291,'replica',96,96,'landed','COPYING','UNVERIFIED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(292,'replica',96,96,'verified_in_buffer','UNVERIFIED','ARCHIVING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','size and adler32 agree (adler32 by service), in the buffer, not yet on tape');
INSERT INTO "history" VALUES(293,'check',7,7,'waived','FAILED','WAIVED','2016-08-01T03:50:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(294,'group',7,7,'waived','MISMATCHED','CHECKED','2016-08-01T03:50:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(295,'replica',94,94,'trashed','AVAILABLE','TRASHED','2016-08-01T03:50:00.000000+00:00','released@nowhere','output of an attempt that is withdrawn: a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(296,'file',87,87,'retired','','','2016-08-01T03:50:00.000000+00:00','released@nowhere','output of an attempt that is withdrawn: a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(297,'group',11,11,'merge_again','MISMATCHED','MERGING','2016-08-01T03:50:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(298,'job',33,33,'born','','WAITING','2016-08-01T03:50:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(299,'check',9,9,'reopened','FAILED','PENDING','2016-08-01T03:50:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(300,'replica',97,97,'born','','COPYING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(301,'job',33,33,'inputs_readable','WAITING','READY','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(302,'job',33,33,'claimed','READY','SUBMITTING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(303,'job',33,33,'accepted','SUBMITTING','RUNNING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(304,'item',46,46,'claimed','QUEUED','SUBMITTING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(305,'item',46,46,'accepted','SUBMITTING','SUBMITTED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(306,'item',46,46,'done','SUBMITTED','DONE','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(307,'replica',97,97,'landed','COPYING','UNVERIFIED','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(308,'replica',97,97,'verified_in_buffer','UNVERIFIED','ARCHIVING','2016-08-01T03:50:00.000000+00:00','flow:released@nowhere','size and adler32 agree (adler32 by service), in the buffer, not yet on tape');
INSERT INTO "history" VALUES(309,'job',10,10,'ended_well','RUNNING','ENDED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(310,'replica',98,98,'born','','UNVERIFIED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(311,'file',89,89,'registered','','','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(312,'replica',99,99,'born','','UNVERIFIED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(313,'file',90,90,'registered','','','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(314,'replica',100,100,'born','','UNVERIFIED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(315,'file',91,91,'registered','','','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(316,'replica',101,101,'born','','UNVERIFIED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(317,'file',92,92,'registered','','','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(318,'job',10,10,'outputs_registered','ENDED','DONE','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(319,'job',17,17,'ended_badly','RUNNING','WAITING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','no_report: killed by the batch system');
INSERT INTO "history" VALUES(320,'pin',19,19,'last_reader_left','ACTIVE','RELEASING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(321,'pin',19,19,'released','RELEASING','RELEASED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(322,'group',13,13,'born','','PLANNED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(323,'job',34,34,'born','','WAITING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(324,'group',13,13,'job_created','PLANNED','MERGING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(325,'group',14,14,'born','','PLANNED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(326,'job',35,35,'born','','WAITING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(327,'group',14,14,'job_created','PLANNED','MERGING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(328,'group',15,15,'born','','PLANNED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(329,'job',36,36,'born','','WAITING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(330,'group',15,15,'job_created','PLANNED','MERGING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(331,'group',16,16,'born','','PLANNED','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(332,'job',37,37,'born','','WAITING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(333,'group',16,16,'job_created','PLANNED','MERGING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(334,'replica',98,101,'verified','UNVERIFIED','AVAILABLE','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(335,'job',34,37,'inputs_readable','WAITING','READY','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(336,'job',34,36,'claimed','READY','SUBMITTING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(337,'job',34,36,'accepted','SUBMITTING','RUNNING','2016-08-01T03:55:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(338,'replica',96,97,'on_tape','ARCHIVING','AVAILABLE','2016-08-01T04:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(339,'job',17,17,'inputs_readable','WAITING','READY','2016-08-01T04:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(340,'group',7,7,'output_on_tape','CHECKED','ARCHIVED','2016-08-01T04:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(341,'group',12,12,'output_on_tape','CHECKED','ARCHIVED','2016-08-01T04:00:00.000000+00:00','flow:released@nowhere','');
INSERT INTO "history" VALUES(342,'dataset',10,10,'born','','OPEN','2016-08-01T04:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(343,'replica',102,105,'born','','UNVERIFIED','2016-08-01T04:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(344,'file',93,96,'registered','','','2016-08-01T04:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(345,'dataset',10,10,'closed','OPEN','CLOSED','2016-08-01T04:00:00.000000+00:00','released@nowhere','registered from a list');
INSERT INTO "history" VALUES(346,'dataset',10,10,'reopened','CLOSED','OPEN','2016-08-01T04:00:00.000000+00:00','released@nowhere','a person''s reason: quotes '' and \ and é, and a tab');
INSERT INTO "history" VALUES(347,'dataset',11,11,'born','','OPEN','2016-08-01T04:00:00.000000+00:00','released@nowhere','added');
CREATE TABLE "item" (
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
	CONSTRAINT ck_item_kind CHECK (kind = 'stage' OR kind = 'copy' OR kind = 'remove' OR kind = 'release'), 
	CONSTRAINT ck_item_state CHECK (state = 'QUEUED' OR state = 'SUBMITTING' OR state = 'SUBMITTED' OR state = 'HELD' OR state = 'DONE' OR state = 'FAILED' OR state = 'CANCELED'), 
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
CREATE TABLE "job" (
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
	CONSTRAINT ck_job_kind CHECK (kind = 'process' OR kind = 'merge'), 
	CONSTRAINT ck_job_state CHECK (state = 'WAITING' OR state = 'READY' OR state = 'SUBMITTING' OR state = 'RUNNING' OR state = 'ENDED' OR state = 'HELD' OR state = 'DONE' OR state = 'CANCELED'), 
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
CREATE TABLE "merge_group" (
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
	CONSTRAINT ck_merge_group_state CHECK (state = 'PLANNED' OR state = 'MERGING' OR state = 'MERGED' OR state = 'MISMATCHED' OR state = 'CHECKED' OR state = 'ARCHIVED' OR state = 'HELD' OR state = 'CLEANED' OR state = 'VOID'), 
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
CREATE TABLE meta_key (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	type TEXT NOT NULL, 
	description TEXT DEFAULT '' NOT NULL, 
	defined_at TEXT NOT NULL, 
	CONSTRAINT pk_meta_key PRIMARY KEY (id), 
	CONSTRAINT ck_meta_key_type CHECK (type IN ('int', 'real', 'text', 'bool', 'time')), 
	CONSTRAINT uq_meta_key_name UNIQUE (name)
);
CREATE TABLE owner_group (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	description TEXT DEFAULT '' NOT NULL, 
	made_at TEXT NOT NULL, 
	CONSTRAINT pk_owner_group PRIMARY KEY (id), 
	CONSTRAINT uq_owner_group_name UNIQUE (name)
);
CREATE TABLE owner_member (
	group_id INTEGER NOT NULL, 
	actor TEXT NOT NULL, 
	CONSTRAINT pk_owner_member PRIMARY KEY (group_id, actor), 
	CONSTRAINT fk_owner_member_group_id FOREIGN KEY(group_id) REFERENCES owner_group (id) ON DELETE RESTRICT
)
 WITHOUT ROWID

;
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
CREATE TABLE "pin" (
	id INTEGER NOT NULL, 
	replica_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	since TEXT NOT NULL, 
	token TEXT NOT NULL, 
	until TEXT NOT NULL, 
	CONSTRAINT pk_pin PRIMARY KEY (id), 
	CONSTRAINT ck_pin_state CHECK (state = 'ACTIVE' OR state = 'RELEASING' OR state = 'RELEASED' OR state = 'EXPIRED'), 
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
CREATE TABLE "replica" (
	id INTEGER NOT NULL, 
	file_id INTEGER NOT NULL, 
	endpoint_id INTEGER NOT NULL, 
	path TEXT, 
	state TEXT NOT NULL, 
	since TEXT NOT NULL, 
	locality TEXT DEFAULT 'UNKNOWN' NOT NULL, 
	verified_at TEXT, 
	verified_how TEXT, 
	tries INTEGER DEFAULT '0' NOT NULL, 
	next_try_at TEXT NOT NULL, 
	CONSTRAINT pk_replica PRIMARY KEY (id), 
	CONSTRAINT ck_replica_verified CHECK (state <> 'AVAILABLE' OR verified_at IS NOT NULL), 
	CONSTRAINT ck_replica_state CHECK (state = 'COPYING' OR state = 'UNVERIFIED' OR state = 'ARCHIVING' OR state = 'AVAILABLE' OR state = 'SUSPECT' OR state = 'BAD' OR state = 'LOST' OR state = 'TRASHED' OR state = 'DELETING' OR state = 'DELETED'), 
	CONSTRAINT fk_replica_endpoint_id FOREIGN KEY(endpoint_id) REFERENCES endpoint (id) ON DELETE RESTRICT, 
	CONSTRAINT fk_replica_file_id FOREIGN KEY(file_id) REFERENCES file (id) ON DELETE RESTRICT
);
INSERT INTO "replica" VALUES(1,1,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(2,2,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(3,3,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(4,4,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(5,5,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(6,6,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(7,7,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(8,8,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(9,9,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(10,10,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(11,11,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(12,12,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(13,13,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(14,14,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(15,15,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(16,16,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(17,17,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(18,18,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(19,19,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
INSERT INTO "replica" VALUES(20,20,2,NULL,'AVAILABLE','2016-08-01T00:00:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T00:00:00.000000+00:00','service',0,'2016-08-01T00:05:00.000000+00:00');
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
INSERT INTO "replica" VALUES(53,51,2,NULL,'AVAILABLE','2016-08-01T01:50:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T01:50:00.000000+00:00','service',0,'2016-08-01T01:55:00.000000+00:00');
INSERT INTO "replica" VALUES(54,50,2,NULL,'AVAILABLE','2016-08-01T01:50:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T01:50:00.000000+00:00','service',0,'2016-08-01T01:55:00.000000+00:00');
INSERT INTO "replica" VALUES(55,52,2,NULL,'AVAILABLE','2016-08-01T01:50:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T01:50:00.000000+00:00','service',0,'2016-08-01T01:55:00.000000+00:00');
INSERT INTO "replica" VALUES(56,49,2,NULL,'AVAILABLE','2016-08-01T01:50:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T01:50:00.000000+00:00','service',0,'2016-08-01T01:55:00.000000+00:00');
INSERT INTO "replica" VALUES(57,53,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST/j25a1/mDST-275678-0-7.root','AVAILABLE','2016-08-01T01:45:00.000000+00:00','ONLINE','2016-08-01T01:45:00.000000+00:00','service',0,'2016-08-01T01:50:00.000000+00:00');
INSERT INTO "replica" VALUES(58,54,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/histos/j26a1/histsum-275678-0-7.root','AVAILABLE','2016-08-01T01:45:00.000000+00:00','ONLINE','2016-08-01T01:45:00.000000+00:00','service',0,'2016-08-01T01:50:00.000000+00:00');
INSERT INTO "replica" VALUES(59,54,2,NULL,'AVAILABLE','2016-08-01T01:55:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T01:55:00.000000+00:00','service',0,'2016-08-01T02:00:00.000000+00:00');
INSERT INTO "replica" VALUES(60,53,2,NULL,'AVAILABLE','2016-08-01T01:55:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T01:55:00.000000+00:00','service',0,'2016-08-01T02:00:00.000000+00:00');
INSERT INTO "replica" VALUES(61,55,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j9a1/mDST-275680-11001-0-7.root','AVAILABLE','2016-08-01T02:10:00.000000+00:00','ONLINE','2016-08-01T02:10:00.000000+00:00','service',0,'2016-08-01T02:15:00.000000+00:00');
INSERT INTO "replica" VALUES(62,56,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j9a1/275680-11001-0.root','AVAILABLE','2016-08-01T02:10:00.000000+00:00','ONLINE','2016-08-01T02:10:00.000000+00:00','service',0,'2016-08-01T02:15:00.000000+00:00');
INSERT INTO "replica" VALUES(63,57,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j9a1/evtdump0-11001-275680.raw','AVAILABLE','2016-08-01T02:10:00.000000+00:00','ONLINE','2016-08-01T02:10:00.000000+00:00','service',0,'2016-08-01T02:15:00.000000+00:00');
INSERT INTO "replica" VALUES(64,58,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j9a1/dvcs2016P08.275680-11001-0.stdout.gz','AVAILABLE','2016-08-01T02:10:00.000000+00:00','ONLINE','2016-08-01T02:10:00.000000+00:00','service',0,'2016-08-01T02:15:00.000000+00:00');
INSERT INTO "replica" VALUES(65,59,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mergedDump/j27a1/evtdump0-275678.raw','AVAILABLE','2016-08-01T02:10:00.000000+00:00','ONLINE','2016-08-01T02:10:00.000000+00:00','service',0,'2016-08-01T02:15:00.000000+00:00');
INSERT INTO "replica" VALUES(66,60,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logs/j28a1/dvcs2016P08.275678.zip','AVAILABLE','2016-08-01T02:10:00.000000+00:00','ONLINE','2016-08-01T02:10:00.000000+00:00','service',0,'2016-08-01T02:15:00.000000+00:00');
INSERT INTO "replica" VALUES(67,60,2,NULL,'AVAILABLE','2016-08-01T02:20:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T02:20:00.000000+00:00','service',0,'2016-08-01T02:25:00.000000+00:00');
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
INSERT INTO "replica" VALUES(96,88,2,NULL,'AVAILABLE','2016-08-01T04:00:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T04:00:00.000000+00:00','service',0,'2016-08-01T04:05:00.000000+00:00');
INSERT INTO "replica" VALUES(97,59,2,NULL,'AVAILABLE','2016-08-01T04:00:00.000000+00:00','ONLINE_AND_NEARLINE','2016-08-01T04:00:00.000000+00:00','service',0,'2016-08-01T04:05:00.000000+00:00');
INSERT INTO "replica" VALUES(98,89,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j10a3/mDST-275680-11002-0-7.root','AVAILABLE','2016-08-01T03:55:00.000000+00:00','ONLINE','2016-08-01T03:55:00.000000+00:00','service',0,'2016-08-01T04:00:00.000000+00:00');
INSERT INTO "replica" VALUES(99,90,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j10a3/275680-11002-0.root','AVAILABLE','2016-08-01T03:55:00.000000+00:00','ONLINE','2016-08-01T03:55:00.000000+00:00','service',0,'2016-08-01T04:00:00.000000+00:00');
INSERT INTO "replica" VALUES(100,91,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j10a3/evtdump0-11002-275680.raw','AVAILABLE','2016-08-01T03:55:00.000000+00:00','ONLINE','2016-08-01T03:55:00.000000+00:00','service',0,'2016-08-01T04:00:00.000000+00:00');
INSERT INTO "replica" VALUES(101,92,1,'/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j10a3/dvcs2016P08.275680-11002-0.stdout.gz','AVAILABLE','2016-08-01T03:55:00.000000+00:00','ONLINE','2016-08-01T03:55:00.000000+00:00','service',0,'2016-08-01T04:00:00.000000+00:00');
INSERT INTO "replica" VALUES(102,93,2,NULL,'UNVERIFIED','2016-08-01T04:00:00.000000+00:00','UNKNOWN',NULL,NULL,0,'2016-08-01T04:00:00.000000+00:00');
INSERT INTO "replica" VALUES(103,94,2,'/elsewhere/1','UNVERIFIED','2016-08-01T04:00:00.000000+00:00','UNKNOWN',NULL,NULL,0,'2016-08-01T04:00:00.000000+00:00');
INSERT INTO "replica" VALUES(104,95,2,'/elsewhere/2','UNVERIFIED','2016-08-01T04:00:00.000000+00:00','UNKNOWN',NULL,NULL,0,'2016-08-01T04:00:00.000000+00:00');
INSERT INTO "replica" VALUES(105,96,2,'/elsewhere/3','UNVERIFIED','2016-08-01T04:00:00.000000+00:00','UNKNOWN',NULL,NULL,0,'2016-08-01T04:00:00.000000+00:00');
CREATE TABLE "request" (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	endpoint_id INTEGER NOT NULL, 
	label TEXT NOT NULL, 
	external_id TEXT, 
	created_at TEXT NOT NULL, 
	CONSTRAINT pk_request PRIMARY KEY (id), 
	CONSTRAINT ck_request_kind CHECK (kind = 'stage' OR kind = 'copy' OR kind = 'remove' OR kind = 'release'), 
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
CREATE TABLE tally (
	noun TEXT NOT NULL, 
	owner INTEGER NOT NULL, 
	run INTEGER NOT NULL, 
	role TEXT NOT NULL, 
	product TEXT NOT NULL, 
	place INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	shard BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	size BIGINT NOT NULL, 
	events BIGINT NOT NULL, 
	unknown BIGINT NOT NULL, 
	CONSTRAINT pk_tally PRIMARY KEY (noun, owner, run, role, product, place, state, shard)
)
 WITHOUT ROWID

;
INSERT INTO "tally" VALUES('file',1,275678,'raw','raw',0,'COMPLETE',0,4,3385830000,96738,0);
INSERT INTO "tally" VALUES('file',1,275679,'raw','raw',0,'COMPLETE',0,4,3680215000,105149,0);
INSERT INTO "tally" VALUES('file',1,275680,'raw','raw',0,'COMPLETE',0,4,3471580000,99188,0);
INSERT INTO "tally" VALUES('file',1,275681,'raw','raw',0,'COMPLETE',0,4,3636220000,103892,0);
INSERT INTO "tally" VALUES('file',1,275682,'raw','raw',0,'COMPLETE',0,4,2509294096,71694,0);
INSERT INTO "tally" VALUES('file',2,275678,'intermediate','mDST',0,'COMPLETE',0,3,29023600,72559,0);
INSERT INTO "tally" VALUES('file',2,275679,'intermediate','mDST',0,'COMPLETE',0,4,42059600,105149,0);
INSERT INTO "tally" VALUES('file',2,275680,'intermediate','mDST',0,'COMPLETE',0,4,39675200,99188,0);
INSERT INTO "tally" VALUES('file',2,275681,'intermediate','mDST',0,'COMPLETE',0,4,41556800,103892,0);
INSERT INTO "tally" VALUES('file',3,275678,'intermediate','hist',0,'COMPLETE',0,3,1451180,72559,0);
INSERT INTO "tally" VALUES('file',3,275679,'intermediate','hist',0,'COMPLETE',0,4,2102980,105149,0);
INSERT INTO "tally" VALUES('file',3,275680,'intermediate','hist',0,'COMPLETE',0,4,1983760,99188,0);
INSERT INTO "tally" VALUES('file',3,275681,'intermediate','hist',0,'COMPLETE',0,4,2077840,103892,0);
INSERT INTO "tally" VALUES('file',4,275678,'intermediate','evtdump',0,'COMPLETE',0,3,25392500,7255,0);
INSERT INTO "tally" VALUES('file',4,275679,'intermediate','evtdump',0,'COMPLETE',0,4,36795500,10513,0);
INSERT INTO "tally" VALUES('file',4,275680,'intermediate','evtdump',0,'COMPLETE',0,4,34706000,9916,0);
INSERT INTO "tally" VALUES('file',4,275681,'intermediate','evtdump',0,'COMPLETE',0,4,36358000,10388,0);
INSERT INTO "tally" VALUES('file',5,275678,'intermediate','logs',0,'COMPLETE',0,3,30,0,3);
INSERT INTO "tally" VALUES('file',5,275679,'intermediate','logs',0,'COMPLETE',0,4,40,0,4);
INSERT INTO "tally" VALUES('file',5,275680,'intermediate','logs',0,'COMPLETE',0,4,40,0,4);
INSERT INTO "tally" VALUES('file',5,275681,'intermediate','logs',0,'COMPLETE',0,4,40,0,4);
INSERT INTO "tally" VALUES('file',6,275678,'final','mDST',0,'COMPLETE',0,1,29023600,72559,0);
INSERT INTO "tally" VALUES('file',6,275679,'final','mDST',0,'COMPLETE',0,1,42059600,105149,0);
INSERT INTO "tally" VALUES('file',6,275681,'final','mDST',0,'COMPLETE',0,1,41556800,103891,0);
INSERT INTO "tally" VALUES('file',7,275678,'final','hist',0,'COMPLETE',0,1,1451180,72559,0);
INSERT INTO "tally" VALUES('file',7,275679,'final','hist',0,'COMPLETE',0,1,2102980,105149,0);
INSERT INTO "tally" VALUES('file',7,275681,'final','hist',0,'COMPLETE',0,1,2077840,103891,0);
INSERT INTO "tally" VALUES('file',8,275678,'final','evtdump',0,'COMPLETE',0,1,25392500,7254,0);
INSERT INTO "tally" VALUES('file',8,275679,'final','evtdump',0,'COMPLETE',0,1,36795500,10513,0);
INSERT INTO "tally" VALUES('file',8,275681,'final','evtdump',0,'COMPLETE',0,0,0,0,0);
INSERT INTO "tally" VALUES('file',9,275678,'final','logs',0,'COMPLETE',0,1,30,0,1);
INSERT INTO "tally" VALUES('file',9,275679,'final','logs',0,'COMPLETE',0,1,40,0,1);
INSERT INTO "tally" VALUES('file',9,275681,'final','logs',0,'COMPLETE',0,1,40,0,1);
INSERT INTO "tally" VALUES('file',10,275678,'raw','raw',0,'COMPLETE',0,4,3385830000,74537,1);
INSERT INTO "tally" VALUES('group',1,275678,'','evtdump',0,'ARCHIVED',0,1,25392500,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','evtdump',0,'CHECKED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','evtdump',0,'MERGED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','evtdump',0,'MERGING',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','evtdump',0,'MISMATCHED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','evtdump',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','hist',0,'ARCHIVED',0,1,1451180,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','hist',0,'CHECKED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','hist',0,'MERGED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','hist',0,'MERGING',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','hist',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','logs',0,'ARCHIVED',0,1,30,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','logs',0,'CHECKED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','logs',0,'MERGED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','logs',0,'MERGING',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','logs',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','mDST',0,'ARCHIVED',0,1,29023600,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','mDST',0,'CHECKED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','mDST',0,'MERGED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','mDST',0,'MERGING',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275678,'','mDST',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','evtdump',0,'ARCHIVED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','evtdump',0,'CHECKED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','evtdump',0,'CLEANED',0,1,36795500,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','evtdump',0,'MERGED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','evtdump',0,'MERGING',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','evtdump',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','hist',0,'ARCHIVED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','hist',0,'CHECKED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','hist',0,'CLEANED',0,1,2102980,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','hist',0,'MERGED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','hist',0,'MERGING',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','hist',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','logs',0,'ARCHIVED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','logs',0,'CHECKED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','logs',0,'CLEANED',0,1,40,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','logs',0,'MERGED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','logs',0,'MERGING',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','logs',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','mDST',0,'ARCHIVED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','mDST',0,'CHECKED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','mDST',0,'CLEANED',0,1,42059600,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','mDST',0,'MERGED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','mDST',0,'MERGING',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275679,'','mDST',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275680,'','evtdump',0,'MERGING',0,1,34706000,0,0);
INSERT INTO "tally" VALUES('group',1,275680,'','evtdump',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275680,'','hist',0,'MERGING',0,1,1983760,0,0);
INSERT INTO "tally" VALUES('group',1,275680,'','hist',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275680,'','logs',0,'MERGING',0,1,40,0,0);
INSERT INTO "tally" VALUES('group',1,275680,'','logs',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275680,'','mDST',0,'MERGING',0,1,39675200,0,0);
INSERT INTO "tally" VALUES('group',1,275680,'','mDST',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','evtdump',0,'MERGED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','evtdump',0,'MERGING',0,1,36358000,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','evtdump',0,'MISMATCHED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','evtdump',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','hist',0,'MERGED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','hist',0,'MERGING',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','hist',0,'MISMATCHED',0,1,2077840,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','hist',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','logs',0,'ARCHIVED',0,1,40,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','logs',0,'CHECKED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','logs',0,'MERGED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','logs',0,'MERGING',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','logs',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','mDST',0,'MERGED',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','mDST',0,'MERGING',0,0,0,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','mDST',0,'MISMATCHED',0,1,41556800,0,0);
INSERT INTO "tally" VALUES('group',1,275681,'','mDST',0,'PLANNED',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275678,'','merge',0,'DONE',0,4,0,0,0);
INSERT INTO "tally" VALUES('job',1,275678,'','merge',0,'ENDED',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275678,'','merge',0,'READY',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275678,'','merge',0,'RUNNING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275678,'','merge',0,'SUBMITTING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275678,'','merge',0,'WAITING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275678,'','process',0,'CANCELED',0,1,0,0,0);
INSERT INTO "tally" VALUES('job',1,275678,'','process',0,'DONE',0,3,0,0,0);
INSERT INTO "tally" VALUES('job',1,275678,'','process',0,'ENDED',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275678,'','process',0,'READY',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275678,'','process',0,'RUNNING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275678,'','process',0,'SUBMITTING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275678,'','process',0,'WAITING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275679,'','merge',0,'DONE',0,4,0,0,0);
INSERT INTO "tally" VALUES('job',1,275679,'','merge',0,'ENDED',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275679,'','merge',0,'READY',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275679,'','merge',0,'RUNNING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275679,'','merge',0,'SUBMITTING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275679,'','merge',0,'WAITING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275679,'','process',0,'DONE',0,4,0,0,0);
INSERT INTO "tally" VALUES('job',1,275679,'','process',0,'ENDED',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275679,'','process',0,'READY',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275679,'','process',0,'RUNNING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275679,'','process',0,'SUBMITTING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275679,'','process',0,'WAITING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275680,'','merge',0,'READY',0,1,0,0,0);
INSERT INTO "tally" VALUES('job',1,275680,'','merge',0,'RUNNING',0,3,0,0,0);
INSERT INTO "tally" VALUES('job',1,275680,'','merge',0,'SUBMITTING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275680,'','merge',0,'WAITING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275680,'','process',0,'DONE',0,4,0,0,0);
INSERT INTO "tally" VALUES('job',1,275680,'','process',0,'ENDED',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275680,'','process',0,'READY',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275680,'','process',0,'RUNNING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275680,'','process',0,'SUBMITTING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275680,'','process',0,'WAITING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275681,'','merge',0,'DONE',0,4,0,0,0);
INSERT INTO "tally" VALUES('job',1,275681,'','merge',0,'ENDED',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275681,'','merge',0,'READY',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275681,'','merge',0,'RUNNING',0,1,0,0,0);
INSERT INTO "tally" VALUES('job',1,275681,'','merge',0,'SUBMITTING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275681,'','merge',0,'WAITING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275681,'','process',0,'DONE',0,4,0,0,0);
INSERT INTO "tally" VALUES('job',1,275681,'','process',0,'ENDED',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275681,'','process',0,'READY',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275681,'','process',0,'RUNNING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275681,'','process',0,'SUBMITTING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275681,'','process',0,'WAITING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275682,'','process',0,'READY',0,1,0,0,0);
INSERT INTO "tally" VALUES('job',1,275682,'','process',0,'RUNNING',0,2,0,0,0);
INSERT INTO "tally" VALUES('job',1,275682,'','process',0,'SUBMITTING',0,0,0,0,0);
INSERT INTO "tally" VALUES('job',1,275682,'','process',0,'WAITING',0,1,0,0,0);
INSERT INTO "tally" VALUES('replica',1,275678,'raw','raw',2,'AVAILABLE',0,4,3385830000,0,0);
INSERT INTO "tally" VALUES('replica',1,275678,'raw','raw',2,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',1,275679,'raw','raw',2,'AVAILABLE',0,4,3680215000,0,0);
INSERT INTO "tally" VALUES('replica',1,275679,'raw','raw',2,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',1,275680,'raw','raw',2,'AVAILABLE',0,4,3471580000,0,0);
INSERT INTO "tally" VALUES('replica',1,275680,'raw','raw',2,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',1,275681,'raw','raw',2,'AVAILABLE',0,4,3636220000,0,0);
INSERT INTO "tally" VALUES('replica',1,275681,'raw','raw',2,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',1,275682,'raw','raw',2,'AVAILABLE',0,4,2509294096,0,0);
INSERT INTO "tally" VALUES('replica',1,275682,'raw','raw',2,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',2,275678,'intermediate','mDST',1,'AVAILABLE',0,3,29023600,0,0);
INSERT INTO "tally" VALUES('replica',2,275678,'intermediate','mDST',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',2,275679,'intermediate','mDST',1,'AVAILABLE',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',2,275679,'intermediate','mDST',1,'DELETED',0,4,42059600,0,0);
INSERT INTO "tally" VALUES('replica',2,275679,'intermediate','mDST',1,'DELETING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',2,275679,'intermediate','mDST',1,'TRASHED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',2,275679,'intermediate','mDST',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',2,275680,'intermediate','mDST',1,'AVAILABLE',0,4,39675200,0,0);
INSERT INTO "tally" VALUES('replica',2,275680,'intermediate','mDST',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',2,275681,'intermediate','mDST',1,'AVAILABLE',0,4,41556800,0,0);
INSERT INTO "tally" VALUES('replica',2,275681,'intermediate','mDST',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',3,275678,'intermediate','hist',1,'AVAILABLE',0,3,1451180,0,0);
INSERT INTO "tally" VALUES('replica',3,275678,'intermediate','hist',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',3,275679,'intermediate','hist',1,'AVAILABLE',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',3,275679,'intermediate','hist',1,'DELETED',0,4,2102980,0,0);
INSERT INTO "tally" VALUES('replica',3,275679,'intermediate','hist',1,'DELETING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',3,275679,'intermediate','hist',1,'TRASHED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',3,275679,'intermediate','hist',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',3,275680,'intermediate','hist',1,'AVAILABLE',0,4,1983760,0,0);
INSERT INTO "tally" VALUES('replica',3,275680,'intermediate','hist',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',3,275681,'intermediate','hist',1,'AVAILABLE',0,4,2077840,0,0);
INSERT INTO "tally" VALUES('replica',3,275681,'intermediate','hist',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',4,275678,'intermediate','evtdump',1,'AVAILABLE',0,3,25392500,0,0);
INSERT INTO "tally" VALUES('replica',4,275678,'intermediate','evtdump',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',4,275679,'intermediate','evtdump',1,'AVAILABLE',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',4,275679,'intermediate','evtdump',1,'DELETED',0,4,36795500,0,0);
INSERT INTO "tally" VALUES('replica',4,275679,'intermediate','evtdump',1,'DELETING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',4,275679,'intermediate','evtdump',1,'TRASHED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',4,275679,'intermediate','evtdump',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',4,275680,'intermediate','evtdump',1,'AVAILABLE',0,4,34706000,0,0);
INSERT INTO "tally" VALUES('replica',4,275680,'intermediate','evtdump',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',4,275681,'intermediate','evtdump',1,'AVAILABLE',0,4,36358000,0,0);
INSERT INTO "tally" VALUES('replica',4,275681,'intermediate','evtdump',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',5,275678,'intermediate','logs',1,'AVAILABLE',0,3,30,0,0);
INSERT INTO "tally" VALUES('replica',5,275678,'intermediate','logs',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',5,275679,'intermediate','logs',1,'AVAILABLE',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',5,275679,'intermediate','logs',1,'DELETED',0,4,40,0,0);
INSERT INTO "tally" VALUES('replica',5,275679,'intermediate','logs',1,'DELETING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',5,275679,'intermediate','logs',1,'TRASHED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',5,275679,'intermediate','logs',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',5,275680,'intermediate','logs',1,'AVAILABLE',0,4,40,0,0);
INSERT INTO "tally" VALUES('replica',5,275680,'intermediate','logs',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',5,275681,'intermediate','logs',1,'AVAILABLE',0,4,40,0,0);
INSERT INTO "tally" VALUES('replica',5,275681,'intermediate','logs',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',6,275678,'final','mDST',1,'AVAILABLE',0,1,29023600,0,0);
INSERT INTO "tally" VALUES('replica',6,275678,'final','mDST',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',6,275678,'final','mDST',2,'ARCHIVING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',6,275678,'final','mDST',2,'AVAILABLE',0,1,29023600,0,0);
INSERT INTO "tally" VALUES('replica',6,275678,'final','mDST',2,'COPYING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',6,275678,'final','mDST',2,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',6,275679,'final','mDST',1,'AVAILABLE',0,1,42059600,0,0);
INSERT INTO "tally" VALUES('replica',6,275679,'final','mDST',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',6,275679,'final','mDST',2,'ARCHIVING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',6,275679,'final','mDST',2,'AVAILABLE',0,1,42059600,0,0);
INSERT INTO "tally" VALUES('replica',6,275679,'final','mDST',2,'COPYING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',6,275679,'final','mDST',2,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',6,275681,'final','mDST',1,'AVAILABLE',0,1,41556800,0,0);
INSERT INTO "tally" VALUES('replica',6,275681,'final','mDST',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',7,275678,'final','hist',1,'AVAILABLE',0,1,1451180,0,0);
INSERT INTO "tally" VALUES('replica',7,275678,'final','hist',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',7,275678,'final','hist',2,'ARCHIVING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',7,275678,'final','hist',2,'AVAILABLE',0,1,1451180,0,0);
INSERT INTO "tally" VALUES('replica',7,275678,'final','hist',2,'COPYING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',7,275678,'final','hist',2,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',7,275679,'final','hist',1,'AVAILABLE',0,1,2102980,0,0);
INSERT INTO "tally" VALUES('replica',7,275679,'final','hist',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',7,275679,'final','hist',2,'ARCHIVING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',7,275679,'final','hist',2,'AVAILABLE',0,1,2102980,0,0);
INSERT INTO "tally" VALUES('replica',7,275679,'final','hist',2,'COPYING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',7,275679,'final','hist',2,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',7,275681,'final','hist',1,'AVAILABLE',0,1,2077840,0,0);
INSERT INTO "tally" VALUES('replica',7,275681,'final','hist',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',8,275678,'final','evtdump',1,'AVAILABLE',0,1,25392500,0,0);
INSERT INTO "tally" VALUES('replica',8,275678,'final','evtdump',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',8,275678,'final','evtdump',2,'ARCHIVING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',8,275678,'final','evtdump',2,'AVAILABLE',0,1,25392500,0,0);
INSERT INTO "tally" VALUES('replica',8,275678,'final','evtdump',2,'COPYING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',8,275678,'final','evtdump',2,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',8,275679,'final','evtdump',1,'AVAILABLE',0,1,36795500,0,0);
INSERT INTO "tally" VALUES('replica',8,275679,'final','evtdump',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',8,275679,'final','evtdump',2,'ARCHIVING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',8,275679,'final','evtdump',2,'AVAILABLE',0,1,36795500,0,0);
INSERT INTO "tally" VALUES('replica',8,275679,'final','evtdump',2,'COPYING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',8,275679,'final','evtdump',2,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',8,275681,'final','evtdump',1,'AVAILABLE',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',8,275681,'final','evtdump',1,'TRASHED',0,1,36358000,0,0);
INSERT INTO "tally" VALUES('replica',8,275681,'final','evtdump',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',9,275678,'final','logs',1,'AVAILABLE',0,1,30,0,0);
INSERT INTO "tally" VALUES('replica',9,275678,'final','logs',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',9,275678,'final','logs',2,'ARCHIVING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',9,275678,'final','logs',2,'AVAILABLE',0,1,30,0,0);
INSERT INTO "tally" VALUES('replica',9,275678,'final','logs',2,'COPYING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',9,275678,'final','logs',2,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',9,275679,'final','logs',1,'AVAILABLE',0,1,40,0,0);
INSERT INTO "tally" VALUES('replica',9,275679,'final','logs',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',9,275679,'final','logs',2,'ARCHIVING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',9,275679,'final','logs',2,'AVAILABLE',0,1,40,0,0);
INSERT INTO "tally" VALUES('replica',9,275679,'final','logs',2,'COPYING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',9,275679,'final','logs',2,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',9,275681,'final','logs',1,'AVAILABLE',0,1,40,0,0);
INSERT INTO "tally" VALUES('replica',9,275681,'final','logs',1,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',9,275681,'final','logs',2,'ARCHIVING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',9,275681,'final','logs',2,'AVAILABLE',0,1,40,0,0);
INSERT INTO "tally" VALUES('replica',9,275681,'final','logs',2,'COPYING',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',9,275681,'final','logs',2,'UNVERIFIED',0,0,0,0,0);
INSERT INTO "tally" VALUES('replica',10,275678,'raw','raw',2,'UNVERIFIED',0,4,3385830000,0,0);
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
CREATE TABLE undefined_run (
	dataset_id INTEGER NOT NULL, 
	run INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	since TEXT NOT NULL, 
	CONSTRAINT pk_undefined_run PRIMARY KEY (dataset_id, run), 
	CONSTRAINT fk_undefined_run_dataset_id FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE RESTRICT
)
 WITHOUT ROWID

;
CREATE INDEX ix_parent_parent_id ON parent (parent_id);
CREATE INDEX ix_member_file_id ON member (file_id);
CREATE UNIQUE INDEX uq_member_live ON member (file_id) WHERE live;
CREATE INDEX ix_job_input_file_id ON job_input (file_id);
CREATE INDEX ix_file_dataset_run ON file (dataset_id, run);
CREATE INDEX ix_merge_group_output_id ON merge_group (output_id);
CREATE INDEX ix_merge_group_run ON merge_group (task_id, run, product);
CREATE INDEX ix_merge_group_state ON merge_group (state, task_id, product, run);
CREATE UNIQUE INDEX uq_merge_group_live ON merge_group (task_id, product, run, part) WHERE state <> 'VOID';
CREATE INDEX ix_replica_state ON replica (state, next_try_at);
CREATE INDEX ix_job_merge_group_id ON job (merge_group_id);
CREATE INDEX ix_job_state ON job (state);
CREATE INDEX ix_job_task ON job (task_id, kind, run, state);
CREATE UNIQUE INDEX uq_job_label ON job (label);
CREATE INDEX ix_pin_state ON pin (state, until);
CREATE UNIQUE INDEX uq_file_name ON file (directory_id, name) WHERE retired_at IS NULL;
CREATE INDEX ix_replica_path ON replica (path) WHERE path IS NOT NULL;
CREATE UNIQUE INDEX uq_replica_live ON replica (file_id, endpoint_id, (CASE WHEN state = 'DELETED' THEN NULL ELSE 0 END));
CREATE UNIQUE INDEX uq_item_live ON item (replica_id, kind, (CASE WHEN state IN ('DONE', 'FAILED', 'CANCELED') THEN NULL ELSE 0 END));
CREATE UNIQUE INDEX uq_pin_live ON pin (replica_id, (CASE WHEN state IN ('ACTIVE', 'RELEASING') THEN 0 END));
CREATE INDEX ix_item_state ON item (state, kind, next_try_at, id);
CREATE INDEX ix_history_noun ON history (noun, noun_id, last_id);
CREATE INDEX ix_history_at ON history (at);
CREATE INDEX ix_event_ask_source ON event_ask (source, state, next_try_at);
CREATE UNIQUE INDEX uq_event_range_start ON event_range (task_id, file_id, start) WHERE state <> 'VOID';
CREATE INDEX ix_event_range_file ON event_range (file_id, task_id, start);
CREATE INDEX ix_event_range_state ON event_range (state);
CREATE INDEX ix_event_range_job_id ON event_range (job_id);
CREATE INDEX ix_file_meta_int_value ON file_meta (key_id, int_value, file_id) WHERE int_value IS NOT NULL;
CREATE INDEX ix_file_meta_real_value ON file_meta (key_id, real_value, file_id) WHERE real_value IS NOT NULL;
CREATE INDEX ix_file_meta_text_value ON file_meta (key_id, text_value, file_id) WHERE text_value IS NOT NULL;
CREATE INDEX ix_dataset_meta_int_value ON dataset_meta (key_id, int_value, dataset_id) WHERE int_value IS NOT NULL;
CREATE INDEX ix_dataset_meta_real_value ON dataset_meta (key_id, real_value, dataset_id) WHERE real_value IS NOT NULL;
CREATE INDEX ix_dataset_meta_text_value ON dataset_meta (key_id, text_value, dataset_id) WHERE text_value IS NOT NULL;
CREATE INDEX ix_dataset_parent_parent_id ON dataset_parent (parent_id);
CREATE INDEX ix_dataset_owner_group_id ON dataset_owner (group_id);
COMMIT;
