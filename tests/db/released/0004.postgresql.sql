SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.certificate (
    id bigint NOT NULL,
    seal text NOT NULL,
    body text NOT NULL,
    issued_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.certificate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.certificate_id_seq OWNED BY public.certificate.id;
CREATE TABLE public.certified (
    replica_id bigint NOT NULL,
    certificate_id bigint NOT NULL
);
CREATE TABLE public.cross_check (
    id bigint NOT NULL,
    task_id bigint NOT NULL,
    run integer NOT NULL,
    product text NOT NULL,
    state text NOT NULL,
    since timestamp with time zone NOT NULL,
    verdict text DEFAULT ''::text NOT NULL,
    CONSTRAINT ck_cross_check_state CHECK (((state = 'PENDING'::text) OR (state = 'PASSED'::text) OR (state = 'FAILED'::text) OR (state = 'WAIVED'::text)))
);
CREATE SEQUENCE public.cross_check_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.cross_check_id_seq OWNED BY public.cross_check.id;
CREATE TABLE public.dataset (
    id bigint NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT ck_dataset_state CHECK (((state = 'OPEN'::text) OR (state = 'CLOSED'::text)))
);
CREATE SEQUENCE public.dataset_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.dataset_id_seq OWNED BY public.dataset.id;
CREATE TABLE public.dataset_meta (
    dataset_id bigint NOT NULL,
    key_id bigint NOT NULL,
    int_value bigint,
    real_value double precision,
    text_value text,
    CONSTRAINT ck_dataset_meta_one_value CHECK ((((
CASE
    WHEN (int_value IS NULL) THEN 0
    ELSE 1
END +
CASE
    WHEN (real_value IS NULL) THEN 0
    ELSE 1
END) +
CASE
    WHEN (text_value IS NULL) THEN 0
    ELSE 1
END) = 1))
);
CREATE TABLE public.dataset_owner (
    dataset_id bigint NOT NULL,
    group_id bigint NOT NULL
);
CREATE TABLE public.dataset_parent (
    dataset_id bigint NOT NULL,
    parent_id bigint NOT NULL,
    CONSTRAINT ck_dataset_parent_other CHECK ((dataset_id <> parent_id))
);
CREATE TABLE public.dataset_version (
    dataset_id bigint NOT NULL,
    base text NOT NULL,
    version integer NOT NULL,
    previous_id bigint,
    CONSTRAINT ck_dataset_version_previous CHECK (((version = 1) OR (previous_id IS NOT NULL))),
    CONSTRAINT ck_dataset_version_version CHECK ((version >= 1))
);
CREATE TABLE public.directory (
    id bigint NOT NULL,
    path text NOT NULL
);
CREATE SEQUENCE public.directory_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.directory_id_seq OWNED BY public.directory.id;
CREATE TABLE public.endpoint (
    id bigint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    CONSTRAINT ck_endpoint_kind CHECK (((kind = 'disk'::text) OR (kind = 'tape'::text)))
);
CREATE SEQUENCE public.endpoint_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.endpoint_id_seq OWNED BY public.endpoint.id;
CREATE TABLE public.event_ask (
    id bigint NOT NULL,
    file_id bigint NOT NULL,
    source text NOT NULL,
    state text NOT NULL,
    since timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_try_at timestamp with time zone NOT NULL,
    code text,
    reason text,
    CONSTRAINT ck_event_ask_state CHECK ((state = ANY (ARRAY['WAITING'::text, 'ANSWERED'::text, 'GIVEN_UP'::text])))
);
CREATE SEQUENCE public.event_ask_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.event_ask_id_seq OWNED BY public.event_ask.id;
CREATE TABLE public.event_count (
    file_id bigint NOT NULL,
    witness text NOT NULL,
    n_events bigint NOT NULL,
    said_at timestamp with time zone NOT NULL,
    said_by text NOT NULL,
    CONSTRAINT ck_event_count_n_events CHECK ((n_events >= 0)),
    CONSTRAINT ck_event_count_witness CHECK (((witness = 'raw_catalogue'::text) OR (witness = 'job'::text) OR (witness = 'read'::text)))
);
CREATE TABLE public.event_range (
    id bigint NOT NULL,
    task_id bigint NOT NULL,
    file_id bigint NOT NULL,
    start bigint NOT NULL,
    stop bigint NOT NULL,
    state text NOT NULL,
    since timestamp with time zone NOT NULL,
    lease integer DEFAULT 0 NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    job_id bigint,
    process text,
    CONSTRAINT ck_event_range_process CHECK (((state <> 'RUNNING'::text) OR ((job_id IS NOT NULL) AND (process IS NOT NULL)))),
    CONSTRAINT ck_event_range_start CHECK (((start >= 0) AND (start < stop))),
    CONSTRAINT ck_event_range_state CHECK ((state = ANY (ARRAY['PLANNED'::text, 'RUNNING'::text, 'DONE'::text, 'HELD'::text, 'VOID'::text])))
);
CREATE SEQUENCE public.event_range_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.event_range_id_seq OWNED BY public.event_range.id;
CREATE TABLE public.file (
    id bigint NOT NULL,
    dataset_id bigint NOT NULL,
    role text NOT NULL,
    product text NOT NULL,
    run integer NOT NULL,
    chunk text NOT NULL,
    part integer,
    size bigint,
    adler32 bigint,
    registered_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    directory_id bigint NOT NULL,
    name text NOT NULL,
    CONSTRAINT ck_file_adler32 CHECK (((adler32 >= 0) AND (adler32 <= '4294967295'::bigint))),
    CONSTRAINT ck_file_role CHECK (((role = 'raw'::text) OR (role = 'intermediate'::text) OR (role = 'final'::text))),
    CONSTRAINT ck_file_size CHECK ((size >= 0))
);
CREATE SEQUENCE public.file_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.file_id_seq OWNED BY public.file.id;
CREATE TABLE public.file_meta (
    file_id bigint NOT NULL,
    key_id bigint NOT NULL,
    int_value bigint,
    real_value double precision,
    text_value text,
    CONSTRAINT ck_file_meta_one_value CHECK ((((
CASE
    WHEN (int_value IS NULL) THEN 0
    ELSE 1
END +
CASE
    WHEN (real_value IS NULL) THEN 0
    ELSE 1
END) +
CASE
    WHEN (text_value IS NULL) THEN 0
    ELSE 1
END) = 1))
);
CREATE TABLE public.gap (
    id bigint NOT NULL,
    task_id bigint NOT NULL,
    file_id bigint NOT NULL,
    reason text NOT NULL,
    approver text NOT NULL,
    n_events bigint,
    registered_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.gap_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.gap_id_seq OWNED BY public.gap.id;
CREATE TABLE public.heartbeat (
    range_id bigint NOT NULL,
    lease integer NOT NULL,
    processed_up_to bigint NOT NULL,
    stop bigint NOT NULL,
    heard_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_heartbeat_processed_up_to CHECK ((processed_up_to <= stop))
)
WITH (fillfactor='50');
CREATE TABLE public.history (
    id bigint NOT NULL,
    noun text NOT NULL,
    noun_id bigint NOT NULL,
    event text NOT NULL,
    old text NOT NULL,
    new text NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    last_id bigint NOT NULL,
    CONSTRAINT ck_history_span CHECK (((last_id >= noun_id) AND (last_id < (noun_id + 256))))
);
CREATE SEQUENCE public.history_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.history_id_seq OWNED BY public.history.id;
CREATE TABLE public.item (
    id bigint NOT NULL,
    kind text NOT NULL,
    endpoint_id bigint NOT NULL,
    replica_id bigint NOT NULL,
    source_id bigint,
    request_id bigint,
    state text NOT NULL,
    since timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_try_at timestamp with time zone NOT NULL,
    code text,
    reason text,
    CONSTRAINT ck_item_kind CHECK (((kind = 'stage'::text) OR (kind = 'copy'::text) OR (kind = 'remove'::text) OR (kind = 'release'::text))),
    CONSTRAINT ck_item_state CHECK (((state = 'QUEUED'::text) OR (state = 'SUBMITTING'::text) OR (state = 'SUBMITTED'::text) OR (state = 'HELD'::text) OR (state = 'DONE'::text) OR (state = 'FAILED'::text) OR (state = 'CANCELED'::text)))
);
CREATE SEQUENCE public.item_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.item_id_seq OWNED BY public.item.id;
CREATE TABLE public.job (
    id bigint NOT NULL,
    task_id bigint NOT NULL,
    kind text NOT NULL,
    run integer NOT NULL,
    chunk text NOT NULL,
    merge_group_id bigint,
    state text NOT NULL,
    since timestamp with time zone NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    label text,
    native text,
    next_try_at timestamp with time zone NOT NULL,
    code text,
    reason text,
    CONSTRAINT ck_job_kind CHECK (((kind = 'process'::text) OR (kind = 'merge'::text))),
    CONSTRAINT ck_job_state CHECK (((state = 'WAITING'::text) OR (state = 'READY'::text) OR (state = 'SUBMITTING'::text) OR (state = 'RUNNING'::text) OR (state = 'ENDED'::text) OR (state = 'HELD'::text) OR (state = 'DONE'::text) OR (state = 'CANCELED'::text)))
);
CREATE SEQUENCE public.job_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.job_id_seq OWNED BY public.job.id;
CREATE TABLE public.job_input (
    job_id bigint NOT NULL,
    "position" integer NOT NULL,
    file_id bigint NOT NULL
);
CREATE TABLE public.member (
    group_id bigint NOT NULL,
    "position" integer NOT NULL,
    file_id bigint NOT NULL,
    live boolean NOT NULL
);
CREATE TABLE public.merge_group (
    id bigint NOT NULL,
    task_id bigint NOT NULL,
    run integer NOT NULL,
    product text NOT NULL,
    part integer NOT NULL,
    state text NOT NULL,
    since timestamp with time zone NOT NULL,
    plan text NOT NULL,
    lfn text NOT NULL,
    expected_size bigint NOT NULL,
    output_id bigint,
    reason text,
    CONSTRAINT ck_merge_group_state CHECK (((state = 'PLANNED'::text) OR (state = 'MERGING'::text) OR (state = 'MERGED'::text) OR (state = 'MISMATCHED'::text) OR (state = 'CHECKED'::text) OR (state = 'ARCHIVED'::text) OR (state = 'HELD'::text) OR (state = 'CLEANED'::text) OR (state = 'VOID'::text)))
);
CREATE SEQUENCE public.merge_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.merge_group_id_seq OWNED BY public.merge_group.id;
CREATE TABLE public.meta_key (
    id bigint NOT NULL,
    name text NOT NULL,
    type text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    defined_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_meta_key_type CHECK ((type = ANY (ARRAY['int'::text, 'real'::text, 'text'::text, 'bool'::text, 'time'::text])))
);
CREATE SEQUENCE public.meta_key_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.meta_key_id_seq OWNED BY public.meta_key.id;
CREATE TABLE public.owner_group (
    id bigint NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    made_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.owner_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.owner_group_id_seq OWNED BY public.owner_group.id;
CREATE TABLE public.owner_member (
    group_id bigint NOT NULL,
    actor text NOT NULL
);
CREATE TABLE public.parent (
    file_id bigint NOT NULL,
    parent_id bigint NOT NULL
);
CREATE TABLE public.pin (
    id bigint NOT NULL,
    replica_id bigint NOT NULL,
    state text NOT NULL,
    since timestamp with time zone NOT NULL,
    token text NOT NULL,
    until timestamp with time zone NOT NULL,
    CONSTRAINT ck_pin_state CHECK (((state = 'ACTIVE'::text) OR (state = 'RELEASING'::text) OR (state = 'RELEASED'::text) OR (state = 'EXPIRED'::text)))
);
CREATE SEQUENCE public.pin_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.pin_id_seq OWNED BY public.pin.id;
CREATE TABLE public.replica (
    id bigint NOT NULL,
    file_id bigint NOT NULL,
    endpoint_id bigint NOT NULL,
    path text,
    state text NOT NULL,
    since timestamp with time zone NOT NULL,
    locality text DEFAULT 'UNKNOWN'::text NOT NULL,
    verified_at timestamp with time zone,
    verified_how text,
    tries integer DEFAULT 0 NOT NULL,
    next_try_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_replica_state CHECK (((state = 'COPYING'::text) OR (state = 'UNVERIFIED'::text) OR (state = 'ARCHIVING'::text) OR (state = 'AVAILABLE'::text) OR (state = 'SUSPECT'::text) OR (state = 'BAD'::text) OR (state = 'LOST'::text) OR (state = 'TRASHED'::text) OR (state = 'DELETING'::text) OR (state = 'DELETED'::text))),
    CONSTRAINT ck_replica_verified CHECK (((state <> 'AVAILABLE'::text) OR (verified_at IS NOT NULL)))
);
CREATE SEQUENCE public.replica_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.replica_id_seq OWNED BY public.replica.id;
CREATE TABLE public.request (
    id bigint NOT NULL,
    kind text NOT NULL,
    endpoint_id bigint NOT NULL,
    label text NOT NULL,
    external_id text,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_request_kind CHECK (((kind = 'stage'::text) OR (kind = 'copy'::text) OR (kind = 'remove'::text) OR (kind = 'release'::text)))
);
CREATE SEQUENCE public.request_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.request_id_seq OWNED BY public.request.id;
CREATE TABLE public.tally (
    noun text NOT NULL,
    owner bigint NOT NULL,
    run integer NOT NULL,
    role text NOT NULL,
    product text NOT NULL,
    place bigint NOT NULL,
    state text NOT NULL,
    shard bigint NOT NULL,
    n bigint NOT NULL,
    size bigint NOT NULL,
    events bigint NOT NULL,
    unknown bigint NOT NULL
);
CREATE TABLE public.task (
    id bigint NOT NULL,
    name text NOT NULL,
    dataset_id bigint NOT NULL,
    definition text NOT NULL,
    defined_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.task_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.task_id_seq OWNED BY public.task.id;
CREATE TABLE public.undefined_run (
    dataset_id bigint NOT NULL,
    run integer NOT NULL,
    reason text NOT NULL,
    since timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.certificate ALTER COLUMN id SET DEFAULT nextval('public.certificate_id_seq'::regclass);
ALTER TABLE ONLY public.cross_check ALTER COLUMN id SET DEFAULT nextval('public.cross_check_id_seq'::regclass);
ALTER TABLE ONLY public.dataset ALTER COLUMN id SET DEFAULT nextval('public.dataset_id_seq'::regclass);
ALTER TABLE ONLY public.directory ALTER COLUMN id SET DEFAULT nextval('public.directory_id_seq'::regclass);
ALTER TABLE ONLY public.endpoint ALTER COLUMN id SET DEFAULT nextval('public.endpoint_id_seq'::regclass);
ALTER TABLE ONLY public.event_ask ALTER COLUMN id SET DEFAULT nextval('public.event_ask_id_seq'::regclass);
ALTER TABLE ONLY public.event_range ALTER COLUMN id SET DEFAULT nextval('public.event_range_id_seq'::regclass);
ALTER TABLE ONLY public.file ALTER COLUMN id SET DEFAULT nextval('public.file_id_seq'::regclass);
ALTER TABLE ONLY public.gap ALTER COLUMN id SET DEFAULT nextval('public.gap_id_seq'::regclass);
ALTER TABLE ONLY public.history ALTER COLUMN id SET DEFAULT nextval('public.history_id_seq'::regclass);
ALTER TABLE ONLY public.item ALTER COLUMN id SET DEFAULT nextval('public.item_id_seq'::regclass);
ALTER TABLE ONLY public.job ALTER COLUMN id SET DEFAULT nextval('public.job_id_seq'::regclass);
ALTER TABLE ONLY public.merge_group ALTER COLUMN id SET DEFAULT nextval('public.merge_group_id_seq'::regclass);
ALTER TABLE ONLY public.meta_key ALTER COLUMN id SET DEFAULT nextval('public.meta_key_id_seq'::regclass);
ALTER TABLE ONLY public.owner_group ALTER COLUMN id SET DEFAULT nextval('public.owner_group_id_seq'::regclass);
ALTER TABLE ONLY public.pin ALTER COLUMN id SET DEFAULT nextval('public.pin_id_seq'::regclass);
ALTER TABLE ONLY public.replica ALTER COLUMN id SET DEFAULT nextval('public.replica_id_seq'::regclass);
ALTER TABLE ONLY public.request ALTER COLUMN id SET DEFAULT nextval('public.request_id_seq'::regclass);
ALTER TABLE ONLY public.task ALTER COLUMN id SET DEFAULT nextval('public.task_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES
	('0004');
INSERT INTO public.certificate VALUES
	(1, 'b7bbb808b0795bded535809e6be12a46eae4790552af2b6c7658f711be012f6b', '{"product":{"adler32":360390221,"check":"PASSED","group_id":1,"lfn":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root","part":0,"plan":"9c4ecc76e8176d5130aae847b50a3e10d4877ee1867e3c77b6c94ef680243e15","product":"mDST","run":275679,"siblings":0,"size":42059600,"state":"ARCHIVED","tape_path":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root","tape_state":"AVAILABLE","tape_verified_at":"2016-08-01T01:50:00+00:00","tape_verified_how":"service"},"replicas":[{"adler32":583540223,"endpoint_kind":"disk","file_id":33,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275679-11001-0-7.root","other_uses":0,"readers":0,"replica_id":33,"role":"intermediate","size":8772400,"state":"AVAILABLE"},{"adler32":584982019,"endpoint_kind":"disk","file_id":34,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275679-11002-0-7.root","other_uses":0,"readers":0,"replica_id":34,"role":"intermediate","size":11246800,"state":"AVAILABLE"},{"adler32":586620423,"endpoint_kind":"disk","file_id":35,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275679-11003-0-7.root","other_uses":0,"readers":0,"replica_id":35,"role":"intermediate","size":10945600,"state":"AVAILABLE"},{"adler32":588258828,"endpoint_kind":"disk","file_id":36,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/mDST-275679-11004-0-7.root","other_uses":0,"readers":0,"replica_id":36,"role":"intermediate","size":11094800,"state":"AVAILABLE"}],"version":1}', '2016-08-01 01:50:00+00'),
	(2, '662f057d8993902a42150bc71ca03ff43c3f5c502be8102741ade5a63227cfea', '{"product":{"adler32":3828228420,"check":"PASSED","group_id":2,"lfn":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root","part":0,"plan":"bcca792c12f29ed4a9438287ec98d1641901782d4cb0fa001833434b1da275e7","product":"hist","run":275679,"siblings":0,"size":2102980,"state":"ARCHIVED","tape_path":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root","tape_state":"AVAILABLE","tape_verified_at":"2016-08-01T01:50:00+00:00","tape_verified_how":"service"},"replicas":[{"adler32":3247905281,"endpoint_kind":"disk","file_id":37,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275679-11001-0.root","other_uses":0,"readers":0,"replica_id":37,"role":"intermediate","size":438620,"state":"AVAILABLE"},{"adler32":3249216005,"endpoint_kind":"disk","file_id":38,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275679-11002-0.root","other_uses":0,"readers":0,"replica_id":38,"role":"intermediate","size":562340,"state":"AVAILABLE"},{"adler32":3250723337,"endpoint_kind":"disk","file_id":39,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275679-11003-0.root","other_uses":0,"readers":0,"replica_id":39,"role":"intermediate","size":547280,"state":"AVAILABLE"},{"adler32":3252230670,"endpoint_kind":"disk","file_id":40,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/275679-11004-0.root","other_uses":0,"readers":0,"replica_id":40,"role":"intermediate","size":554740,"state":"AVAILABLE"}],"version":1}', '2016-08-01 01:50:00+00'),
	(3, '39c63d7b3406d7762ebe223a9794608408b63c3ad590a595fe63dbb503656b32', '{"product":{"adler32":3401982311,"check":"PASSED","group_id":3,"lfn":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw","part":0,"plan":"e3692edb455018568e6c85a94194648b874afe63d8c2064d93499cc5abef4aeb","product":"evtdump","run":275679,"siblings":0,"size":36795500,"state":"ARCHIVED","tape_path":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw","tape_state":"AVAILABLE","tape_verified_at":"2016-08-01T01:50:00+00:00","tape_verified_how":"service"},"replicas":[{"adler32":2375949667,"endpoint_kind":"disk","file_id":41,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11001-275679.raw","other_uses":0,"readers":0,"replica_id":41,"role":"intermediate","size":7675500,"state":"AVAILABLE"},{"adler32":2377260385,"endpoint_kind":"disk","file_id":42,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11002-275679.raw","other_uses":0,"readers":0,"replica_id":42,"role":"intermediate","size":9838500,"state":"AVAILABLE"},{"adler32":2378767720,"endpoint_kind":"disk","file_id":43,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11003-275679.raw","other_uses":0,"readers":0,"replica_id":43,"role":"intermediate","size":9576000,"state":"AVAILABLE"},{"adler32":2380209514,"endpoint_kind":"disk","file_id":44,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/evtdump0-11004-275679.raw","other_uses":0,"readers":0,"replica_id":44,"role":"intermediate","size":9705500,"state":"AVAILABLE"}],"version":1}', '2016-08-01 01:50:00+00'),
	(4, '9328e769fda1670c157281ca2d2ba8afa1a703f9b1a2af91b686ca8c9de0196f', '{"product":{"adler32":3412991570,"check":"PASSED","group_id":4,"lfn":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip","part":0,"plan":"581bc3e42615fcfe01109b8c3ee33ed692cc588bff4be074fb814a076b681f2b","product":"logs","run":275679,"siblings":0,"size":40,"state":"ARCHIVED","tape_path":"/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip","tape_state":"AVAILABLE","tape_verified_at":"2016-08-01T01:50:00+00:00","tape_verified_how":"service"},"replicas":[{"adler32":2339970999,"endpoint_kind":"disk","file_id":45,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275679-11001-0.stdout.gz","other_uses":0,"readers":0,"replica_id":45,"role":"intermediate","size":10,"state":"AVAILABLE"},{"adler32":2340954040,"endpoint_kind":"disk","file_id":46,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275679-11002-0.stdout.gz","other_uses":0,"readers":0,"replica_id":46,"role":"intermediate","size":10,"state":"AVAILABLE"},{"adler32":2341937081,"endpoint_kind":"disk","file_id":47,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275679-11003-0.stdout.gz","other_uses":0,"readers":0,"replica_id":47,"role":"intermediate","size":10,"state":"AVAILABLE"},{"adler32":2342920122,"endpoint_kind":"disk","file_id":48,"lfn":"/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/dvcs2016P08.275679-11004-0.stdout.gz","other_uses":0,"readers":0,"replica_id":48,"role":"intermediate","size":10,"state":"AVAILABLE"}],"version":1}', '2016-08-01 01:50:00+00');
INSERT INTO public.certified VALUES
	(33, 1),
	(34, 1),
	(35, 1),
	(36, 1),
	(37, 2),
	(38, 2),
	(39, 2),
	(40, 2),
	(41, 3),
	(42, 3),
	(43, 3),
	(44, 3),
	(45, 4),
	(46, 4),
	(47, 4),
	(48, 4);
INSERT INTO public.cross_check VALUES
	(1, 1, 275679, 'evtdump', 'PASSED', '2016-08-01 01:40:00+00', 'every witness agrees'),
	(3, 1, 275679, 'logs', 'PASSED', '2016-08-01 01:40:00+00', 'every witness agrees'),
	(4, 1, 275679, 'mDST', 'PASSED', '2016-08-01 01:40:00+00', 'every witness agrees'),
	(2, 1, 275679, 'hist', 'PASSED', '2016-08-01 01:40:00+00', 'every witness agrees'),
	(5, 1, 275678, 'hist', 'PASSED', '2016-08-01 01:45:00+00', 'every witness agrees'),
	(6, 1, 275678, 'mDST', 'PASSED', '2016-08-01 01:45:00+00', 'every witness agrees'),
	(8, 1, 275678, 'logs', 'PASSED', '2016-08-01 02:10:00+00', 'every witness agrees'),
	(11, 1, 275681, 'logs', 'PASSED', '2016-08-01 03:50:00+00', 'every witness agrees'),
	(10, 1, 275681, 'hist', 'FAILED', '2016-08-01 03:50:00+00', 'part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891'),
	(12, 1, 275681, 'mDST', 'FAILED', '2016-08-01 03:50:00+00', 'part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891'),
	(7, 1, 275678, 'evtdump', 'WAIVED', '2016-08-01 03:50:00+00', 'part 0: its 3 files hold 7255 events, the merge job says 7255, the merged file holds 7254'),
	(9, 1, 275681, 'evtdump', 'PENDING', '2016-08-01 03:50:00+00', 'part 0: its 4 files hold 10388 events, the merge job says 10388, the merged file holds 10387');
INSERT INTO public.dataset VALUES
	(1, '2016/W14', 'CLOSED', '2016-08-01 00:00:00+00'),
	(2, 'P08/mDST/chunks', 'OPEN', '2016-08-01 00:35:00+00'),
	(3, 'P08/hist/chunks', 'OPEN', '2016-08-01 00:35:00+00'),
	(4, 'P08/evtdump/chunks', 'OPEN', '2016-08-01 00:35:00+00'),
	(5, 'P08/logs/chunks', 'OPEN', '2016-08-01 00:35:00+00'),
	(6, 'P08/mDST', 'OPEN', '2016-08-01 01:40:00+00'),
	(7, 'P08/hist', 'OPEN', '2016-08-01 01:40:00+00'),
	(8, 'P08/evtdump', 'OPEN', '2016-08-01 01:40:00+00'),
	(9, 'P08/logs', 'OPEN', '2016-08-01 01:40:00+00'),
	(10, '2016/W15', 'OPEN', '2016-08-01 04:00:00+00'),
	(11, '2017/W01', 'OPEN', '2016-08-01 04:00:00+00');
INSERT INTO public.directory VALUES
	(1, '/castor/cern.ch/compass/data/2016/raw/W14/'),
	(2, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/'),
	(3, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/'),
	(4, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/'),
	(5, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/'),
	(6, '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/'),
	(7, '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/'),
	(8, '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/'),
	(9, '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/'),
	(10, '/castor/cern.ch/compass/data/2016/raw/W15/');
INSERT INTO public.endpoint VALUES
	(1, 'disk', 'disk'),
	(2, 'tape', 'tape');
INSERT INTO public.event_count VALUES
	(2, 'raw_catalogue', 29325, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(3, 'raw_catalogue', 21033, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(4, 'raw_catalogue', 24179, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(5, 'raw_catalogue', 21931, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(6, 'raw_catalogue', 28117, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(7, 'raw_catalogue', 27364, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(8, 'raw_catalogue', 27737, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(9, 'raw_catalogue', 26219, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(10, 'raw_catalogue', 23439, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(11, 'raw_catalogue', 21537, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(12, 'raw_catalogue', 27993, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(13, 'raw_catalogue', 20464, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(14, 'raw_catalogue', 26386, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(15, 'raw_catalogue', 27090, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(16, 'raw_catalogue', 29952, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(17, 'raw_catalogue', 20034, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(18, 'raw_catalogue', 27297, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(19, 'raw_catalogue', 24363, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(20, 'raw_catalogue', 0, '2016-08-01 00:00:00+00', 'released@nowhere'),
	(21, 'job', 22201, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(21, 'read', 22201, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(22, 'job', 29325, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(22, 'read', 29325, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(23, 'job', 21033, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(23, 'read', 21033, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(24, 'job', 22201, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(24, 'read', 22201, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(25, 'job', 29325, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(25, 'read', 29325, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(26, 'job', 21033, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(26, 'read', 21033, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(27, 'job', 2220, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(27, 'read', 2220, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(28, 'job', 2932, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(28, 'read', 2932, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(29, 'job', 2103, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(29, 'read', 2103, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(1, 'read', 22201, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(2, 'read', 29325, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(3, 'read', 21033, '2016-08-01 00:35:00+00', 'flow:released@nowhere'),
	(33, 'job', 21931, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(33, 'read', 21931, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(34, 'job', 28117, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(34, 'read', 28117, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(35, 'job', 27364, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(35, 'read', 27364, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(36, 'job', 27737, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(36, 'read', 27737, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(37, 'job', 21931, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(37, 'read', 21931, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(38, 'job', 28117, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(38, 'read', 28117, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(39, 'job', 27364, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(39, 'read', 27364, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(40, 'job', 27737, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(40, 'read', 27737, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(41, 'job', 2193, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(41, 'read', 2193, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(42, 'job', 2811, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(42, 'read', 2811, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(43, 'job', 2736, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(43, 'read', 2736, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(44, 'job', 2773, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(44, 'read', 2773, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(5, 'read', 21931, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(6, 'read', 28117, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(7, 'read', 27364, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(8, 'read', 27737, '2016-08-01 01:10:00+00', 'flow:released@nowhere'),
	(49, 'job', 105149, '2016-08-01 01:40:00+00', 'flow:released@nowhere'),
	(49, 'read', 105149, '2016-08-01 01:40:00+00', 'flow:released@nowhere'),
	(50, 'job', 105149, '2016-08-01 01:40:00+00', 'flow:released@nowhere'),
	(50, 'read', 105149, '2016-08-01 01:40:00+00', 'flow:released@nowhere'),
	(51, 'job', 10513, '2016-08-01 01:40:00+00', 'flow:released@nowhere'),
	(51, 'read', 10513, '2016-08-01 01:40:00+00', 'flow:released@nowhere'),
	(53, 'job', 72559, '2016-08-01 01:45:00+00', 'flow:released@nowhere'),
	(53, 'read', 72559, '2016-08-01 01:45:00+00', 'flow:released@nowhere'),
	(54, 'job', 72559, '2016-08-01 01:45:00+00', 'flow:released@nowhere'),
	(54, 'read', 72559, '2016-08-01 01:45:00+00', 'flow:released@nowhere'),
	(55, 'job', 26219, '2016-08-01 02:10:00+00', 'flow:released@nowhere'),
	(55, 'read', 26219, '2016-08-01 02:10:00+00', 'flow:released@nowhere'),
	(56, 'job', 26219, '2016-08-01 02:10:00+00', 'flow:released@nowhere'),
	(56, 'read', 26219, '2016-08-01 02:10:00+00', 'flow:released@nowhere'),
	(57, 'job', 2621, '2016-08-01 02:10:00+00', 'flow:released@nowhere'),
	(57, 'read', 2621, '2016-08-01 02:10:00+00', 'flow:released@nowhere'),
	(59, 'job', 7255, '2016-08-01 02:10:00+00', 'flow:released@nowhere'),
	(59, 'read', 7254, '2016-08-01 02:10:00+00', 'flow:released@nowhere'),
	(9, 'read', 26219, '2016-08-01 02:10:00+00', 'flow:released@nowhere'),
	(61, 'job', 21537, '2016-08-01 02:15:00+00', 'flow:released@nowhere'),
	(61, 'read', 21537, '2016-08-01 02:15:00+00', 'flow:released@nowhere'),
	(62, 'job', 27993, '2016-08-01 02:15:00+00', 'flow:released@nowhere'),
	(62, 'read', 27993, '2016-08-01 02:15:00+00', 'flow:released@nowhere'),
	(63, 'job', 21537, '2016-08-01 02:15:00+00', 'flow:released@nowhere'),
	(63, 'read', 21537, '2016-08-01 02:15:00+00', 'flow:released@nowhere'),
	(64, 'job', 27993, '2016-08-01 02:15:00+00', 'flow:released@nowhere'),
	(64, 'read', 27993, '2016-08-01 02:15:00+00', 'flow:released@nowhere'),
	(65, 'job', 2153, '2016-08-01 02:15:00+00', 'flow:released@nowhere'),
	(65, 'read', 2153, '2016-08-01 02:15:00+00', 'flow:released@nowhere'),
	(66, 'job', 2799, '2016-08-01 02:15:00+00', 'flow:released@nowhere'),
	(66, 'read', 2799, '2016-08-01 02:15:00+00', 'flow:released@nowhere'),
	(11, 'read', 21537, '2016-08-01 02:15:00+00', 'flow:released@nowhere'),
	(12, 'read', 27993, '2016-08-01 02:15:00+00', 'flow:released@nowhere'),
	(69, 'job', 20464, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(69, 'read', 20464, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(70, 'job', 26386, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(70, 'read', 26386, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(71, 'job', 27090, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(71, 'read', 27090, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(72, 'job', 29952, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(72, 'read', 29952, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(73, 'job', 20464, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(73, 'read', 20464, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(74, 'job', 26386, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(74, 'read', 26386, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(75, 'job', 27090, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(75, 'read', 27090, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(76, 'job', 29952, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(76, 'read', 29952, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(77, 'job', 2046, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(77, 'read', 2046, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(78, 'job', 2638, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(78, 'read', 2638, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(79, 'job', 2709, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(79, 'read', 2709, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(80, 'job', 2995, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(80, 'read', 2995, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(13, 'read', 20464, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(14, 'read', 26386, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(15, 'read', 27090, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(16, 'read', 29952, '2016-08-01 03:20:00+00', 'flow:released@nowhere'),
	(85, 'job', 103892, '2016-08-01 03:50:00+00', 'flow:released@nowhere'),
	(85, 'read', 103891, '2016-08-01 03:50:00+00', 'flow:released@nowhere'),
	(86, 'job', 103892, '2016-08-01 03:50:00+00', 'flow:released@nowhere'),
	(86, 'read', 103891, '2016-08-01 03:50:00+00', 'flow:released@nowhere'),
	(87, 'job', 10388, '2016-08-01 03:50:00+00', 'flow:released@nowhere'),
	(87, 'read', 10387, '2016-08-01 03:50:00+00', 'flow:released@nowhere'),
	(89, 'job', 23439, '2016-08-01 03:55:00+00', 'flow:released@nowhere'),
	(89, 'read', 23439, '2016-08-01 03:55:00+00', 'flow:released@nowhere'),
	(90, 'job', 23439, '2016-08-01 03:55:00+00', 'flow:released@nowhere'),
	(90, 'read', 23439, '2016-08-01 03:55:00+00', 'flow:released@nowhere'),
	(91, 'job', 2343, '2016-08-01 03:55:00+00', 'flow:released@nowhere'),
	(91, 'read', 2343, '2016-08-01 03:55:00+00', 'flow:released@nowhere'),
	(10, 'read', 23439, '2016-08-01 03:55:00+00', 'flow:released@nowhere'),
	(94, 'raw_catalogue', 29325, '2016-08-01 04:00:00+00', 'released@nowhere'),
	(95, 'raw_catalogue', 21033, '2016-08-01 04:00:00+00', 'released@nowhere'),
	(96, 'raw_catalogue', 24179, '2016-08-01 04:00:00+00', 'released@nowhere');
INSERT INTO public.file VALUES
	(1, 1, 'raw', 'raw', 275678, '11001', NULL, 777035000, 2124682009, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11001-275678.raw'),
	(2, 1, 'raw', 'raw', 275678, '11002', NULL, 1026375000, 2125468442, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11002-275678.raw'),
	(3, 1, 'raw', 'raw', 275678, '11003', NULL, 736155000, 2126254875, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11003-275678.raw'),
	(4, 1, 'raw', 'raw', 275678, '11004', NULL, 846265000, 2127041308, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11004-275678.raw'),
	(5, 1, 'raw', 'raw', 275679, '11001', NULL, 767585000, 2125009690, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11001-275679.raw'),
	(6, 1, 'raw', 'raw', 275679, '11002', NULL, 984095000, 2125796123, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11002-275679.raw'),
	(7, 1, 'raw', 'raw', 275679, '11003', NULL, 957740000, 2126582556, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11003-275679.raw'),
	(8, 1, 'raw', 'raw', 275679, '11004', NULL, 970795000, 2127368989, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11004-275679.raw'),
	(9, 1, 'raw', 'raw', 275680, '11001', NULL, 917665000, 2122453778, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11001-275680.raw'),
	(10, 1, 'raw', 'raw', 275680, '11002', NULL, 820365000, 2123240211, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11002-275680.raw'),
	(11, 1, 'raw', 'raw', 275680, '11003', NULL, 753795000, 2124026644, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11003-275680.raw'),
	(12, 1, 'raw', 'raw', 275680, '11004', NULL, 979755000, 2124813077, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11004-275680.raw'),
	(13, 1, 'raw', 'raw', 275681, '11001', NULL, 716240000, 2122781459, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11001-275681.raw'),
	(14, 1, 'raw', 'raw', 275681, '11002', NULL, 923510000, 2123567892, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11002-275681.raw'),
	(15, 1, 'raw', 'raw', 275681, '11003', NULL, 948150000, 2124354325, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11003-275681.raw'),
	(16, 1, 'raw', 'raw', 275681, '11004', NULL, 1048320000, 2125140758, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11004-275681.raw'),
	(17, 1, 'raw', 'raw', 275682, '11001', NULL, 701190000, 2123109140, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11001-275682.raw'),
	(18, 1, 'raw', 'raw', 275682, '11002', NULL, 955395000, 2123895573, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11002-275682.raw'),
	(19, 1, 'raw', 'raw', 275682, '11003', NULL, 852705000, 2124682006, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11003-275682.raw'),
	(20, 1, 'raw', 'raw', 275682, '11004', NULL, 4096, 2125468439, '2016-08-01 00:00:00+00', NULL, 1, 'cdr11004-275682.raw'),
	(21, 2, 'intermediate', 'mDST', 275678, '11001', NULL, 8880400, 580591093, '2016-08-01 00:35:00+00', NULL, 2, 'mDST-275678-11001-0-7.root'),
	(22, 2, 'intermediate', 'mDST', 275678, '11002', NULL, 11730000, 584195588, '2016-08-01 00:35:00+00', NULL, 2, 'mDST-275678-11002-0-7.root'),
	(23, 2, 'intermediate', 'mDST', 275678, '11003', NULL, 8413200, 582557177, '2016-08-01 00:35:00+00', NULL, 2, 'mDST-275678-11003-0-7.root'),
	(24, 3, 'intermediate', 'hist', 275678, '11001', NULL, 444020, 3245087223, '2016-08-01 00:35:00+00', NULL, 3, '275678-11001-0.root'),
	(25, 3, 'intermediate', 'hist', 275678, '11002', NULL, 586500, 3248560646, '2016-08-01 00:35:00+00', NULL, 3, '275678-11002-0.root'),
	(26, 3, 'intermediate', 'hist', 275678, '11003', NULL, 420660, 3246791163, '2016-08-01 00:35:00+00', NULL, 3, '275678-11003-0.root'),
	(27, 4, 'intermediate', 'evtdump', 275678, '11001', NULL, 7770000, 2374376793, '2016-08-01 00:35:00+00', NULL, 4, 'evtdump0-11001-275678.raw'),
	(28, 4, 'intermediate', 'evtdump', 275678, '11002', NULL, 10262000, 2377129316, '2016-08-01 00:35:00+00', NULL, 4, 'evtdump0-11002-275678.raw'),
	(29, 4, 'intermediate', 'evtdump', 275678, '11003', NULL, 7360500, 2376342875, '2016-08-01 00:35:00+00', NULL, 4, 'evtdump0-11003-275678.raw'),
	(30, 5, 'intermediate', 'logs', 275678, '11001', NULL, 10, 2338594742, '2016-08-01 00:35:00+00', NULL, 5, 'dvcs2016P08.275678-11001-0.stdout.gz'),
	(31, 5, 'intermediate', 'logs', 275678, '11002', NULL, 10, 2339577783, '2016-08-01 00:35:00+00', NULL, 5, 'dvcs2016P08.275678-11002-0.stdout.gz'),
	(32, 5, 'intermediate', 'logs', 275678, '11003', NULL, 10, 2340560824, '2016-08-01 00:35:00+00', NULL, 5, 'dvcs2016P08.275678-11003-0.stdout.gz'),
	(33, 2, 'intermediate', 'mDST', 275679, '11001', NULL, 8772400, 583540223, '2016-08-01 01:10:00+00', NULL, 2, 'mDST-275679-11001-0-7.root'),
	(34, 2, 'intermediate', 'mDST', 275679, '11002', NULL, 11246800, 584982019, '2016-08-01 01:10:00+00', NULL, 2, 'mDST-275679-11002-0-7.root'),
	(35, 2, 'intermediate', 'mDST', 275679, '11003', NULL, 10945600, 586620423, '2016-08-01 01:10:00+00', NULL, 2, 'mDST-275679-11003-0-7.root'),
	(36, 2, 'intermediate', 'mDST', 275679, '11004', NULL, 11094800, 588258828, '2016-08-01 01:10:00+00', NULL, 2, 'mDST-275679-11004-0-7.root'),
	(37, 3, 'intermediate', 'hist', 275679, '11001', NULL, 438620, 3247905281, '2016-08-01 01:10:00+00', NULL, 3, '275679-11001-0.root'),
	(38, 3, 'intermediate', 'hist', 275679, '11002', NULL, 562340, 3249216005, '2016-08-01 01:10:00+00', NULL, 3, '275679-11002-0.root'),
	(39, 3, 'intermediate', 'hist', 275679, '11003', NULL, 547280, 3250723337, '2016-08-01 01:10:00+00', NULL, 3, '275679-11003-0.root'),
	(40, 3, 'intermediate', 'hist', 275679, '11004', NULL, 554740, 3252230670, '2016-08-01 01:10:00+00', NULL, 3, '275679-11004-0.root'),
	(41, 4, 'intermediate', 'evtdump', 275679, '11001', NULL, 7675500, 2375949667, '2016-08-01 01:10:00+00', NULL, 4, 'evtdump0-11001-275679.raw'),
	(42, 4, 'intermediate', 'evtdump', 275679, '11002', NULL, 9838500, 2377260385, '2016-08-01 01:10:00+00', NULL, 4, 'evtdump0-11002-275679.raw'),
	(43, 4, 'intermediate', 'evtdump', 275679, '11003', NULL, 9576000, 2378767720, '2016-08-01 01:10:00+00', NULL, 4, 'evtdump0-11003-275679.raw'),
	(44, 4, 'intermediate', 'evtdump', 275679, '11004', NULL, 9705500, 2380209514, '2016-08-01 01:10:00+00', NULL, 4, 'evtdump0-11004-275679.raw'),
	(45, 5, 'intermediate', 'logs', 275679, '11001', NULL, 10, 2339970999, '2016-08-01 01:10:00+00', NULL, 5, 'dvcs2016P08.275679-11001-0.stdout.gz'),
	(46, 5, 'intermediate', 'logs', 275679, '11002', NULL, 10, 2340954040, '2016-08-01 01:10:00+00', NULL, 5, 'dvcs2016P08.275679-11002-0.stdout.gz'),
	(47, 5, 'intermediate', 'logs', 275679, '11003', NULL, 10, 2341937081, '2016-08-01 01:10:00+00', NULL, 5, 'dvcs2016P08.275679-11003-0.stdout.gz'),
	(48, 5, 'intermediate', 'logs', 275679, '11004', NULL, 10, 2342920122, '2016-08-01 01:10:00+00', NULL, 5, 'dvcs2016P08.275679-11004-0.stdout.gz'),
	(49, 6, 'final', 'mDST', 275679, '', 0, 42059600, 360390221, '2016-08-01 01:40:00+00', NULL, 6, 'mDST-275679-0-7.root'),
	(50, 7, 'final', 'hist', 275679, '', 0, 2102980, 3828228420, '2016-08-01 01:40:00+00', NULL, 7, 'histsum-275679-0-7.root'),
	(51, 8, 'final', 'evtdump', 275679, '', 0, 36795500, 3401982311, '2016-08-01 01:40:00+00', NULL, 8, 'evtdump0-275679.raw'),
	(52, 9, 'final', 'logs', 275679, '', 0, 40, 3412991570, '2016-08-01 01:40:00+00', NULL, 9, 'dvcs2016P08.275679.zip'),
	(53, 6, 'final', 'mDST', 275678, '', 0, 29023600, 4148305444, '2016-08-01 01:45:00+00', NULL, 6, 'mDST-275678-0-7.root'),
	(54, 7, 'final', 'hist', 275678, '', 0, 1451180, 3272417563, '2016-08-01 01:45:00+00', NULL, 7, 'histsum-275678-0-7.root'),
	(55, 2, 'intermediate', 'mDST', 275680, '11001', NULL, 10487600, 572268027, '2016-08-01 02:10:00+00', NULL, 2, 'mDST-275680-11001-0-7.root'),
	(56, 3, 'intermediate', 'hist', 275680, '11001', NULL, 524380, 3237681661, '2016-08-01 02:10:00+00', NULL, 3, '275680-11001-0.root'),
	(57, 4, 'intermediate', 'evtdump', 275680, '11001', NULL, 9173500, 2370706775, '2016-08-01 02:10:00+00', NULL, 4, 'evtdump0-11001-275680.raw'),
	(58, 5, 'intermediate', 'logs', 275680, '11001', NULL, 10, 2329026479, '2016-08-01 02:10:00+00', NULL, 5, 'dvcs2016P08.275680-11001-0.stdout.gz'),
	(59, 8, 'final', 'evtdump', 275678, '', 0, 25392500, 2843156799, '2016-08-01 02:10:00+00', NULL, 8, 'evtdump0-275678.raw'),
	(60, 9, 'final', 'logs', 275678, '', 0, 30, 3412467280, '2016-08-01 02:10:00+00', NULL, 9, 'dvcs2016P08.275678.zip'),
	(61, 2, 'intermediate', 'mDST', 275680, '11003', NULL, 8614800, 573775355, '2016-08-01 02:15:00+00', NULL, 2, 'mDST-275680-11003-0-7.root'),
	(62, 2, 'intermediate', 'mDST', 275680, '11004', NULL, 11197200, 577707528, '2016-08-01 02:15:00+00', NULL, 2, 'mDST-275680-11004-0-7.root'),
	(63, 3, 'intermediate', 'hist', 275680, '11003', NULL, 430740, 3238926845, '2016-08-01 02:15:00+00', NULL, 3, '275680-11003-0.root'),
	(64, 3, 'intermediate', 'hist', 275680, '11004', NULL, 559860, 3242727946, '2016-08-01 02:15:00+00', NULL, 3, '275680-11004-0.root'),
	(65, 4, 'intermediate', 'evtdump', 275680, '11003', NULL, 7535500, 2372476249, '2016-08-01 02:15:00+00', NULL, 4, 'evtdump0-11003-275680.raw'),
	(66, 4, 'intermediate', 'evtdump', 275680, '11004', NULL, 9796500, 2375687530, '2016-08-01 02:15:00+00', NULL, 4, 'evtdump0-11004-275680.raw'),
	(67, 5, 'intermediate', 'logs', 275680, '11003', NULL, 10, 2330992561, '2016-08-01 02:15:00+00', NULL, 5, 'dvcs2016P08.275680-11003-0.stdout.gz'),
	(68, 5, 'intermediate', 'logs', 275680, '11004', NULL, 10, 2331975602, '2016-08-01 02:15:00+00', NULL, 5, 'dvcs2016P08.275680-11004-0.stdout.gz'),
	(69, 2, 'intermediate', 'mDST', 275681, '11001', NULL, 8185600, 572857848, '2016-08-01 03:20:00+00', NULL, 2, 'mDST-275681-11001-0-7.root'),
	(70, 2, 'intermediate', 'mDST', 275681, '11002', NULL, 10554400, 575675906, '2016-08-01 03:20:00+00', NULL, 2, 'mDST-275681-11002-0-7.root'),
	(71, 2, 'intermediate', 'mDST', 275681, '11003', NULL, 10836000, 576134652, '2016-08-01 03:20:00+00', NULL, 2, 'mDST-275681-11003-0-7.root'),
	(72, 2, 'intermediate', 'mDST', 275681, '11004', NULL, 11980800, 579083782, '2016-08-01 03:20:00+00', NULL, 2, 'mDST-275681-11004-0-7.root'),
	(73, 3, 'intermediate', 'hist', 275681, '11001', NULL, 409280, 3238140410, '2016-08-01 03:20:00+00', NULL, 3, '275681-11001-0.root'),
	(74, 3, 'intermediate', 'hist', 275681, '11002', NULL, 527720, 3240827396, '2016-08-01 03:20:00+00', NULL, 3, '275681-11002-0.root'),
	(75, 3, 'intermediate', 'hist', 275681, '11003', NULL, 541800, 3241155070, '2016-08-01 03:20:00+00', NULL, 3, '275681-11003-0.root'),
	(76, 3, 'intermediate', 'hist', 275681, '11004', NULL, 599040, 3243973128, '2016-08-01 03:20:00+00', NULL, 3, '275681-11004-0.root'),
	(77, 4, 'intermediate', 'evtdump', 275681, '11001', NULL, 7161000, 2370772313, '2016-08-01 03:20:00+00', NULL, 4, 'evtdump0-11001-275681.raw'),
	(78, 4, 'intermediate', 'evtdump', 275681, '11002', NULL, 9233000, 2373066081, '2016-08-01 03:20:00+00', NULL, 4, 'evtdump0-11002-275681.raw'),
	(79, 4, 'intermediate', 'evtdump', 275681, '11003', NULL, 9481500, 2374049121, '2016-08-01 03:20:00+00', NULL, 4, 'evtdump0-11003-275681.raw'),
	(80, 4, 'intermediate', 'evtdump', 275681, '11004', NULL, 10482500, 2376473961, '2016-08-01 03:20:00+00', NULL, 4, 'evtdump0-11004-275681.raw'),
	(81, 5, 'intermediate', 'logs', 275681, '11001', NULL, 10, 2330402736, '2016-08-01 03:20:00+00', NULL, 5, 'dvcs2016P08.275681-11001-0.stdout.gz'),
	(82, 5, 'intermediate', 'logs', 275681, '11002', NULL, 10, 2331385777, '2016-08-01 03:20:00+00', NULL, 5, 'dvcs2016P08.275681-11002-0.stdout.gz'),
	(83, 5, 'intermediate', 'logs', 275681, '11003', NULL, 10, 2332368818, '2016-08-01 03:20:00+00', NULL, 5, 'dvcs2016P08.275681-11003-0.stdout.gz'),
	(84, 5, 'intermediate', 'logs', 275681, '11004', NULL, 10, 2333351859, '2016-08-01 03:20:00+00', NULL, 5, 'dvcs2016P08.275681-11004-0.stdout.gz'),
	(85, 6, 'final', 'mDST', 275681, '', 0, 41556800, 353705545, '2016-08-01 03:50:00+00', NULL, 6, 'mDST-275681-0-7.root'),
	(86, 7, 'final', 'hist', 275681, '', 0, 2077840, 3821543744, '2016-08-01 03:50:00+00', NULL, 7, 'histsum-275681-0-7.root'),
	(88, 9, 'final', 'logs', 275681, '', 0, 40, 3409845835, '2016-08-01 03:50:00+00', NULL, 9, 'dvcs2016P08.275681.zip'),
	(87, 8, 'final', 'evtdump', 275681, '', 0, 36358000, 3397853546, '2016-08-01 03:50:00+00', '2016-08-01 03:50:00+00', 8, 'evtdump0-275681.raw'),
	(89, 2, 'intermediate', 'mDST', 275680, '11002', NULL, 9375600, 573185533, '2016-08-01 03:55:00+00', NULL, 2, 'mDST-275680-11002-0-7.root'),
	(90, 3, 'intermediate', 'hist', 275680, '11002', NULL, 468780, 3238468095, '2016-08-01 03:55:00+00', NULL, 3, '275680-11002-0.root'),
	(91, 4, 'intermediate', 'evtdump', 275680, '11002', NULL, 8200500, 2371624281, '2016-08-01 03:55:00+00', NULL, 4, 'evtdump0-11002-275680.raw'),
	(92, 5, 'intermediate', 'logs', 275680, '11002', NULL, 10, 2330009520, '2016-08-01 03:55:00+00', NULL, 5, 'dvcs2016P08.275680-11002-0.stdout.gz'),
	(93, 10, 'raw', 'raw', 275678, '11001', NULL, 777035000, 2124682009, '2016-08-01 04:00:00+00', NULL, 10, 'cdr11001-275678.raw'),
	(94, 10, 'raw', 'raw', 275678, '11002', NULL, 1026375000, 2125468442, '2016-08-01 04:00:00+00', NULL, 10, 'cdr11002-275678.raw'),
	(95, 10, 'raw', 'raw', 275678, '11003', NULL, 736155000, 2126254875, '2016-08-01 04:00:00+00', NULL, 10, 'cdr11003-275678.raw'),
	(96, 10, 'raw', 'raw', 275678, '11004', NULL, 846265000, 2127041308, '2016-08-01 04:00:00+00', NULL, 10, 'cdr11004-275678.raw');
INSERT INTO public.gap VALUES
	(1, 1, 4, 'a person''s reason: quotes '' and \ and é, and a tab', 'X. Y', 24179, '2016-08-01 01:15:00+00');
INSERT INTO public.history VALUES
	(1, 'dataset', 1, 'born', '', 'OPEN', '2016-08-01 00:00:00+00', 'root@vm', 'named in the configuration', 1),
	(2, 'task', 1, 'defined', '', '', '2016-08-01 00:00:00+00', 'root@vm', 'named in the configuration', 1),
	(3, 'replica', 1, 'born', '', 'UNVERIFIED', '2016-08-01 00:00:00+00', 'released@nowhere', 'registered from a list', 20),
	(4, 'file', 1, 'registered', '', '', '2016-08-01 00:00:00+00', 'released@nowhere', 'registered from a list', 20),
	(5, 'dataset', 1, 'closed', 'OPEN', 'CLOSED', '2016-08-01 00:00:00+00', 'released@nowhere', 'registered from a list', 1),
	(6, 'replica', 1, 'verified', 'UNVERIFIED', 'AVAILABLE', '2016-08-01 00:00:00+00', 'flow:released@nowhere', '', 20),
	(7, 'job', 1, 'born', '', 'WAITING', '2016-08-01 00:00:00+00', 'flow:released@nowhere', '', 20),
	(8, 'item', 1, 'claimed', 'QUEUED', 'SUBMITTING', '2016-08-01 00:00:00+00', 'flow:released@nowhere', '', 4),
	(9, 'item', 1, 'accepted', 'SUBMITTING', 'SUBMITTED', '2016-08-01 00:00:00+00', 'flow:released@nowhere', '', 4),
	(10, 'item', 1, 'done', 'SUBMITTED', 'DONE', '2016-08-01 00:05:00+00', 'flow:released@nowhere', '', 3),
	(11, 'item', 4, 'failed', 'SUBMITTED', 'HELD', '2016-08-01 00:05:00+00', 'flow:released@nowhere', 'tape_lost: /castor/cern.ch/compass/data/2016/raw/W14/cdr11004-275678.raw cannot be read from tape V275678 — tape_lost does not pass by itself: a person must look', 4),
	(12, 'job', 1, 'inputs_readable', 'WAITING', 'READY', '2016-08-01 00:05:00+00', 'flow:released@nowhere', '', 3),
	(13, 'job', 1, 'claimed', 'READY', 'SUBMITTING', '2016-08-01 00:05:00+00', 'flow:released@nowhere', '', 3),
	(14, 'job', 1, 'accepted', 'SUBMITTING', 'RUNNING', '2016-08-01 00:05:00+00', 'flow:released@nowhere', '', 3),
	(15, 'dataset', 2, 'born', '', 'OPEN', '2016-08-01 00:35:00+00', 'flow:released@nowhere', 'outputs of a task', 2),
	(16, 'dataset', 3, 'born', '', 'OPEN', '2016-08-01 00:35:00+00', 'flow:released@nowhere', 'outputs of a task', 3),
	(17, 'dataset', 4, 'born', '', 'OPEN', '2016-08-01 00:35:00+00', 'flow:released@nowhere', 'outputs of a task', 4),
	(18, 'dataset', 5, 'born', '', 'OPEN', '2016-08-01 00:35:00+00', 'flow:released@nowhere', 'outputs of a task', 5),
	(19, 'job', 1, 'ended_well', 'RUNNING', 'ENDED', '2016-08-01 00:35:00+00', 'flow:released@nowhere', '', 3),
	(20, 'replica', 21, 'born', '', 'UNVERIFIED', '2016-08-01 00:35:00+00', 'flow:released@nowhere', '', 23),
	(21, 'file', 21, 'registered', '', '', '2016-08-01 00:35:00+00', 'flow:released@nowhere', '', 23),
	(22, 'replica', 24, 'born', '', 'UNVERIFIED', '2016-08-01 00:35:00+00', 'flow:released@nowhere', '', 26),
	(23, 'file', 24, 'registered', '', '', '2016-08-01 00:35:00+00', 'flow:released@nowhere', '', 26),
	(24, 'replica', 27, 'born', '', 'UNVERIFIED', '2016-08-01 00:35:00+00', 'flow:released@nowhere', '', 29),
	(25, 'file', 27, 'registered', '', '', '2016-08-01 00:35:00+00', 'flow:released@nowhere', '', 29),
	(26, 'replica', 30, 'born', '', 'UNVERIFIED', '2016-08-01 00:35:00+00', 'flow:released@nowhere', '', 32),
	(27, 'file', 30, 'registered', '', '', '2016-08-01 00:35:00+00', 'flow:released@nowhere', '', 32),
	(28, 'job', 1, 'outputs_registered', 'ENDED', 'DONE', '2016-08-01 00:35:00+00', 'flow:released@nowhere', '', 3),
	(29, 'pin', 1, 'last_reader_left', 'ACTIVE', 'RELEASING', '2016-08-01 00:35:00+00', 'flow:released@nowhere', '', 3),
	(30, 'pin', 1, 'released', 'RELEASING', 'RELEASED', '2016-08-01 00:35:00+00', 'flow:released@nowhere', '', 3),
	(31, 'item', 5, 'claimed', 'QUEUED', 'SUBMITTING', '2016-08-01 00:35:00+00', 'flow:released@nowhere', '', 8),
	(32, 'item', 5, 'accepted', 'SUBMITTING', 'SUBMITTED', '2016-08-01 00:35:00+00', 'flow:released@nowhere', '', 8),
	(33, 'replica', 21, 'verified', 'UNVERIFIED', 'AVAILABLE', '2016-08-01 00:35:00+00', 'flow:released@nowhere', '', 32),
	(34, 'item', 5, 'done', 'SUBMITTED', 'DONE', '2016-08-01 00:40:00+00', 'flow:released@nowhere', '', 8),
	(35, 'job', 5, 'inputs_readable', 'WAITING', 'READY', '2016-08-01 00:40:00+00', 'flow:released@nowhere', '', 8),
	(36, 'job', 5, 'claimed', 'READY', 'SUBMITTING', '2016-08-01 00:40:00+00', 'flow:released@nowhere', '', 8),
	(37, 'job', 5, 'accepted', 'SUBMITTING', 'RUNNING', '2016-08-01 00:40:00+00', 'flow:released@nowhere', '', 8),
	(38, 'job', 5, 'ended_well', 'RUNNING', 'ENDED', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 8),
	(39, 'replica', 33, 'born', '', 'UNVERIFIED', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 36),
	(40, 'file', 33, 'registered', '', '', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 36),
	(41, 'replica', 37, 'born', '', 'UNVERIFIED', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 40),
	(42, 'file', 37, 'registered', '', '', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 40),
	(43, 'replica', 41, 'born', '', 'UNVERIFIED', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 44),
	(44, 'file', 41, 'registered', '', '', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 44),
	(45, 'replica', 45, 'born', '', 'UNVERIFIED', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 48),
	(46, 'file', 45, 'registered', '', '', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 48),
	(47, 'job', 5, 'outputs_registered', 'ENDED', 'DONE', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 8),
	(48, 'pin', 4, 'last_reader_left', 'ACTIVE', 'RELEASING', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 7),
	(49, 'pin', 4, 'released', 'RELEASING', 'RELEASED', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 7),
	(50, 'item', 9, 'claimed', 'QUEUED', 'SUBMITTING', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 12),
	(51, 'item', 9, 'accepted', 'SUBMITTING', 'SUBMITTED', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 12),
	(52, 'group', 1, 'born', '', 'PLANNED', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 1),
	(53, 'job', 21, 'born', '', 'WAITING', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 21),
	(54, 'group', 1, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 1),
	(55, 'group', 2, 'born', '', 'PLANNED', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 2),
	(56, 'job', 22, 'born', '', 'WAITING', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 22),
	(57, 'group', 2, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 2),
	(58, 'group', 3, 'born', '', 'PLANNED', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 3),
	(59, 'job', 23, 'born', '', 'WAITING', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 23),
	(60, 'group', 3, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 3),
	(61, 'group', 4, 'born', '', 'PLANNED', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 4),
	(62, 'job', 24, 'born', '', 'WAITING', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 24),
	(63, 'group', 4, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 4),
	(64, 'replica', 33, 'verified', 'UNVERIFIED', 'AVAILABLE', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 48),
	(65, 'job', 21, 'inputs_readable', 'WAITING', 'READY', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 24),
	(66, 'job', 21, 'claimed', 'READY', 'SUBMITTING', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 24),
	(67, 'job', 21, 'accepted', 'SUBMITTING', 'RUNNING', '2016-08-01 01:10:00+00', 'flow:released@nowhere', '', 24),
	(68, 'job', 4, 'canceled', 'WAITING', 'CANCELED', '2016-08-01 01:15:00+00', 'released@nowhere', 'a person''s reason: quotes '' and \ and é, and a tab', 4),
	(69, 'item', 4, 'given_up', 'HELD', 'FAILED', '2016-08-01 01:15:00+00', 'released@nowhere', 'a person''s reason: quotes '' and \ and é, and a tab', 4),
	(70, 'file', 4, 'gap_registered', '', '', '2016-08-01 01:15:00+00', 'released@nowhere', 'a person''s reason: quotes '' and \ and é, and a tab (approved by X. Y)', 4),
	(74, 'group', 6, 'born', '', 'PLANNED', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 6),
	(75, 'job', 26, 'born', '', 'WAITING', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 26),
	(76, 'group', 6, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 6),
	(80, 'group', 8, 'born', '', 'PLANNED', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 8),
	(81, 'job', 28, 'born', '', 'WAITING', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 28),
	(82, 'group', 8, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 8),
	(84, 'job', 9, 'inputs_readable', 'WAITING', 'READY', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 12),
	(85, 'job', 25, 'inputs_readable', 'WAITING', 'READY', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 28),
	(89, 'dataset', 7, 'born', '', 'OPEN', '2016-08-01 01:40:00+00', 'flow:released@nowhere', 'outputs of a task', 7),
	(91, 'dataset', 9, 'born', '', 'OPEN', '2016-08-01 01:40:00+00', 'flow:released@nowhere', 'outputs of a task', 9),
	(103, 'job', 9, 'claimed', 'READY', 'SUBMITTING', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 10),
	(104, 'job', 27, 'claimed', 'READY', 'SUBMITTING', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 28),
	(105, 'job', 9, 'accepted', 'SUBMITTING', 'RUNNING', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 10),
	(106, 'job', 27, 'accepted', 'SUBMITTING', 'RUNNING', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 28),
	(112, 'item', 21, 'claimed', 'QUEUED', 'SUBMITTING', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 24),
	(116, 'replica', 53, 'verified_in_buffer', 'UNVERIFIED', 'ARCHIVING', '2016-08-01 01:40:00+00', 'flow:released@nowhere', 'size and adler32 agree (adler32 by service), in the buffer, not yet on tape', 56),
	(117, 'job', 25, 'ended_well', 'RUNNING', 'ENDED', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 26),
	(118, 'replica', 57, 'born', '', 'UNVERIFIED', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 57),
	(119, 'file', 53, 'registered', '', '', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 53),
	(120, 'replica', 58, 'born', '', 'UNVERIFIED', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 58),
	(121, 'file', 54, 'registered', '', '', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 54),
	(122, 'group', 5, 'output_registered', 'MERGING', 'MERGED', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 6),
	(123, 'job', 25, 'outputs_registered', 'ENDED', 'DONE', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 26),
	(126, 'replica', 57, 'verified', 'UNVERIFIED', 'AVAILABLE', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 58),
	(127, 'check', 5, 'born', '', 'PENDING', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 6),
	(128, 'check', 5, 'agree', 'PENDING', 'PASSED', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 6),
	(129, 'group', 5, 'counts_agree', 'MERGED', 'CHECKED', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 6),
	(130, 'replica', 59, 'born', '', 'COPYING', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 60),
	(132, 'item', 25, 'accepted', 'SUBMITTING', 'SUBMITTED', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 26),
	(133, 'item', 25, 'done', 'SUBMITTED', 'DONE', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 26),
	(134, 'replica', 59, 'landed', 'COPYING', 'UNVERIFIED', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 60),
	(136, 'replica', 53, 'on_tape', 'ARCHIVING', 'AVAILABLE', '2016-08-01 01:50:00+00', 'flow:released@nowhere', '', 56),
	(137, 'group', 1, 'output_on_tape', 'CHECKED', 'ARCHIVED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', '', 4),
	(154, 'item', 27, 'claimed', 'QUEUED', 'SUBMITTING', '2016-08-01 01:50:00+00', 'flow:released@nowhere', '', 42),
	(155, 'replica', 33, 'removal_sent', 'TRASHED', 'DELETING', '2016-08-01 01:50:00+00', 'flow:released@nowhere', '', 48),
	(159, 'group', 1, 'inputs_gone', 'ARCHIVED', 'CLEANED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', '', 4),
	(179, 'job', 10, 'vanished', 'RUNNING', 'WAITING', '2016-08-01 02:10:00+00', 'flow:released@nowhere', 'vanished: lost by the runner', 10),
	(182, 'replica', 61, 'verified', 'UNVERIFIED', 'AVAILABLE', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 66),
	(183, 'check', 7, 'born', '', 'PENDING', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 8),
	(184, 'check', 8, 'agree', 'PENDING', 'PASSED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 8),
	(185, 'group', 8, 'counts_agree', 'MERGED', 'CHECKED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 8),
	(186, 'check', 7, 'differ', 'PENDING', 'FAILED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', 'part 0: its 3 files hold 7255 events, the merge job says 7255, the merged file holds 7254', 7),
	(187, 'group', 7, 'counts_differ', 'MERGED', 'MISMATCHED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', 'part 0: its 3 files hold 7255 events, the merge job says 7255, the merged file holds 7254', 7),
	(188, 'replica', 67, 'born', '', 'COPYING', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 67),
	(190, 'item', 43, 'accepted', 'SUBMITTING', 'SUBMITTED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 43),
	(191, 'item', 43, 'done', 'SUBMITTED', 'DONE', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 43),
	(192, 'replica', 67, 'landed', 'COPYING', 'UNVERIFIED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 67),
	(208, 'job', 10, 'inputs_readable', 'WAITING', 'READY', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 10),
	(211, 'replica', 68, 'verified', 'UNVERIFIED', 'AVAILABLE', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 75),
	(216, 'pin', 9, 'released', 'RELEASING', 'RELEASED', '2016-08-01 02:45:00+00', 'flow:released@nowhere', '', 9),
	(217, 'item', 13, 'claimed', 'QUEUED', 'SUBMITTING', '2016-08-01 02:45:00+00', 'flow:released@nowhere', '', 16),
	(219, 'item', 13, 'done', 'SUBMITTED', 'DONE', '2016-08-01 02:50:00+00', 'flow:released@nowhere', '', 16),
	(221, 'job', 13, 'claimed', 'READY', 'SUBMITTING', '2016-08-01 02:50:00+00', 'flow:released@nowhere', '', 16),
	(222, 'job', 13, 'accepted', 'SUBMITTING', 'RUNNING', '2016-08-01 02:50:00+00', 'flow:released@nowhere', '', 16),
	(237, 'item', 17, 'accepted', 'SUBMITTING', 'SUBMITTED', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 20),
	(238, 'item', 44, 'accepted', 'SUBMITTING', 'SUBMITTED', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 44),
	(242, 'group', 10, 'born', '', 'PLANNED', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 10),
	(243, 'job', 30, 'born', '', 'WAITING', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 30),
	(244, 'group', 10, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 10),
	(248, 'group', 12, 'born', '', 'PLANNED', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 12),
	(249, 'job', 32, 'born', '', 'WAITING', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 32),
	(71, 'group', 5, 'born', '', 'PLANNED', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 5),
	(72, 'job', 25, 'born', '', 'WAITING', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 25),
	(73, 'group', 5, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 5),
	(77, 'group', 7, 'born', '', 'PLANNED', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 7),
	(78, 'job', 27, 'born', '', 'WAITING', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 27),
	(79, 'group', 7, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 7),
	(83, 'item', 9, 'done', 'SUBMITTED', 'DONE', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 12),
	(86, 'job', 25, 'claimed', 'READY', 'SUBMITTING', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 26),
	(87, 'job', 25, 'accepted', 'SUBMITTING', 'RUNNING', '2016-08-01 01:15:00+00', 'flow:released@nowhere', '', 26),
	(88, 'dataset', 6, 'born', '', 'OPEN', '2016-08-01 01:40:00+00', 'flow:released@nowhere', 'outputs of a task', 6),
	(90, 'dataset', 8, 'born', '', 'OPEN', '2016-08-01 01:40:00+00', 'flow:released@nowhere', 'outputs of a task', 8),
	(92, 'job', 21, 'ended_well', 'RUNNING', 'ENDED', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 24),
	(93, 'replica', 49, 'born', '', 'UNVERIFIED', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 49),
	(94, 'file', 49, 'registered', '', '', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 49),
	(95, 'replica', 50, 'born', '', 'UNVERIFIED', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 50),
	(96, 'file', 50, 'registered', '', '', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 50),
	(97, 'replica', 51, 'born', '', 'UNVERIFIED', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 51),
	(98, 'file', 51, 'registered', '', '', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 51),
	(99, 'replica', 52, 'born', '', 'UNVERIFIED', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 52),
	(100, 'file', 52, 'registered', '', '', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 52),
	(101, 'group', 1, 'output_registered', 'MERGING', 'MERGED', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 4),
	(102, 'job', 21, 'outputs_registered', 'ENDED', 'DONE', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 24),
	(107, 'replica', 49, 'verified', 'UNVERIFIED', 'AVAILABLE', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 52),
	(108, 'check', 1, 'born', '', 'PENDING', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 4),
	(109, 'check', 1, 'agree', 'PENDING', 'PASSED', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 4),
	(110, 'group', 1, 'counts_agree', 'MERGED', 'CHECKED', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 4),
	(111, 'replica', 53, 'born', '', 'COPYING', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 56),
	(113, 'item', 21, 'accepted', 'SUBMITTING', 'SUBMITTED', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 24),
	(114, 'item', 21, 'done', 'SUBMITTED', 'DONE', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 24),
	(115, 'replica', 53, 'landed', 'COPYING', 'UNVERIFIED', '2016-08-01 01:40:00+00', 'flow:released@nowhere', '', 56),
	(124, 'job', 11, 'claimed', 'READY', 'SUBMITTING', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 12),
	(125, 'job', 11, 'accepted', 'SUBMITTING', 'RUNNING', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 12),
	(131, 'item', 25, 'claimed', 'QUEUED', 'SUBMITTING', '2016-08-01 01:45:00+00', 'flow:released@nowhere', '', 26),
	(135, 'replica', 59, 'verified_in_buffer', 'UNVERIFIED', 'ARCHIVING', '2016-08-01 01:45:00+00', 'flow:released@nowhere', 'size and adler32 agree (adler32 by service), in the buffer, not yet on tape', 60),
	(138, 'replica', 41, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate 39c63d7b3406d776: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw', 41),
	(139, 'replica', 42, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate 39c63d7b3406d776: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw', 42),
	(140, 'replica', 43, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate 39c63d7b3406d776: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw', 43),
	(141, 'replica', 44, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate 39c63d7b3406d776: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw', 44),
	(142, 'replica', 45, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate 9328e769fda1670c: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip', 45),
	(143, 'replica', 46, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate 9328e769fda1670c: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip', 46),
	(144, 'replica', 47, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate 9328e769fda1670c: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip', 47),
	(145, 'replica', 48, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate 9328e769fda1670c: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip', 48),
	(146, 'replica', 36, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate b7bbb808b0795bde: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root', 36),
	(147, 'replica', 34, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate b7bbb808b0795bde: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root', 34),
	(148, 'replica', 40, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate 662f057d8993902a: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root', 40),
	(149, 'replica', 37, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate 662f057d8993902a: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root', 37),
	(150, 'replica', 33, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate b7bbb808b0795bde: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root', 33),
	(151, 'replica', 35, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate b7bbb808b0795bde: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root', 35),
	(152, 'replica', 38, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate 662f057d8993902a: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root', 38),
	(153, 'replica', 39, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', 'certificate 662f057d8993902a: archived as /castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root', 39),
	(156, 'item', 27, 'accepted', 'SUBMITTING', 'SUBMITTED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', '', 42),
	(157, 'item', 27, 'done', 'SUBMITTED', 'DONE', '2016-08-01 01:50:00+00', 'flow:released@nowhere', '', 42),
	(158, 'replica', 33, 'removed', 'DELETING', 'DELETED', '2016-08-01 01:50:00+00', 'flow:released@nowhere', '', 48),
	(160, 'replica', 59, 'on_tape', 'ARCHIVING', 'AVAILABLE', '2016-08-01 01:55:00+00', 'flow:released@nowhere', '', 60),
	(161, 'group', 5, 'output_on_tape', 'CHECKED', 'ARCHIVED', '2016-08-01 01:55:00+00', 'flow:released@nowhere', '', 6),
	(162, 'job', 9, 'ended_well', 'RUNNING', 'ENDED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 9),
	(163, 'job', 27, 'ended_well', 'RUNNING', 'ENDED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 28),
	(164, 'replica', 61, 'born', '', 'UNVERIFIED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 61),
	(165, 'file', 55, 'registered', '', '', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 55),
	(166, 'replica', 62, 'born', '', 'UNVERIFIED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 62),
	(167, 'file', 56, 'registered', '', '', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 56),
	(168, 'replica', 63, 'born', '', 'UNVERIFIED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 63),
	(169, 'file', 57, 'registered', '', '', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 57),
	(170, 'replica', 64, 'born', '', 'UNVERIFIED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 64),
	(171, 'file', 58, 'registered', '', '', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 58),
	(172, 'replica', 65, 'born', '', 'UNVERIFIED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 65),
	(173, 'file', 59, 'registered', '', '', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 59),
	(174, 'replica', 66, 'born', '', 'UNVERIFIED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 66),
	(175, 'file', 60, 'registered', '', '', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 60),
	(176, 'group', 7, 'output_registered', 'MERGING', 'MERGED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 8),
	(177, 'job', 9, 'outputs_registered', 'ENDED', 'DONE', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 9),
	(178, 'job', 27, 'outputs_registered', 'ENDED', 'DONE', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 28),
	(180, 'pin', 10, 'last_reader_left', 'ACTIVE', 'RELEASING', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 10),
	(181, 'pin', 10, 'released', 'RELEASING', 'RELEASED', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 10),
	(189, 'item', 43, 'claimed', 'QUEUED', 'SUBMITTING', '2016-08-01 02:10:00+00', 'flow:released@nowhere', '', 43),
	(193, 'replica', 67, 'verified_in_buffer', 'UNVERIFIED', 'ARCHIVING', '2016-08-01 02:10:00+00', 'flow:released@nowhere', 'size and adler32 agree (adler32 by service), in the buffer, not yet on tape', 67),
	(194, 'job', 11, 'ended_well', 'RUNNING', 'ENDED', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 12),
	(195, 'replica', 68, 'born', '', 'UNVERIFIED', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 69),
	(196, 'file', 61, 'registered', '', '', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 62),
	(197, 'replica', 70, 'born', '', 'UNVERIFIED', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 71),
	(198, 'file', 63, 'registered', '', '', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 64),
	(199, 'replica', 72, 'born', '', 'UNVERIFIED', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 73),
	(200, 'file', 65, 'registered', '', '', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 66),
	(201, 'replica', 74, 'born', '', 'UNVERIFIED', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 75),
	(202, 'file', 67, 'registered', '', '', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 68),
	(203, 'job', 11, 'outputs_registered', 'ENDED', 'DONE', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 12),
	(204, 'pin', 8, 'last_reader_left', 'ACTIVE', 'RELEASING', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 8),
	(205, 'pin', 11, 'last_reader_left', 'ACTIVE', 'RELEASING', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 11),
	(206, 'pin', 8, 'released', 'RELEASING', 'RELEASED', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 8),
	(207, 'pin', 11, 'released', 'RELEASING', 'RELEASED', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 11),
	(209, 'job', 10, 'claimed', 'READY', 'SUBMITTING', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 10),
	(210, 'job', 10, 'accepted', 'SUBMITTING', 'RUNNING', '2016-08-01 02:15:00+00', 'flow:released@nowhere', '', 10),
	(212, 'replica', 67, 'on_tape', 'ARCHIVING', 'AVAILABLE', '2016-08-01 02:20:00+00', 'flow:released@nowhere', '', 67),
	(213, 'group', 8, 'output_on_tape', 'CHECKED', 'ARCHIVED', '2016-08-01 02:20:00+00', 'flow:released@nowhere', '', 8),
	(214, 'job', 10, 'ended_badly', 'RUNNING', 'WAITING', '2016-08-01 02:45:00+00', 'flow:released@nowhere', 'checksum_mismatch: /castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275680.raw: bytes differ', 10),
	(215, 'pin', 9, 'last_reader_left', 'ACTIVE', 'RELEASING', '2016-08-01 02:45:00+00', 'flow:released@nowhere', 'a job could not use it: /castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275680.raw: bytes differ', 9),
	(218, 'item', 13, 'accepted', 'SUBMITTING', 'SUBMITTED', '2016-08-01 02:45:00+00', 'flow:released@nowhere', '', 16),
	(220, 'job', 13, 'inputs_readable', 'WAITING', 'READY', '2016-08-01 02:50:00+00', 'flow:released@nowhere', '', 16),
	(223, 'job', 13, 'ended_well', 'RUNNING', 'ENDED', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 16),
	(224, 'replica', 76, 'born', '', 'UNVERIFIED', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 79),
	(225, 'file', 69, 'registered', '', '', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 72),
	(226, 'replica', 80, 'born', '', 'UNVERIFIED', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 83),
	(227, 'file', 73, 'registered', '', '', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 76),
	(228, 'replica', 84, 'born', '', 'UNVERIFIED', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 87),
	(229, 'file', 77, 'registered', '', '', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 80),
	(230, 'replica', 88, 'born', '', 'UNVERIFIED', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 91),
	(231, 'file', 81, 'registered', '', '', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 84),
	(232, 'job', 13, 'outputs_registered', 'ENDED', 'DONE', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 16),
	(233, 'pin', 12, 'last_reader_left', 'ACTIVE', 'RELEASING', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 15),
	(234, 'pin', 12, 'released', 'RELEASING', 'RELEASED', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 15),
	(235, 'item', 17, 'claimed', 'QUEUED', 'SUBMITTING', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 20),
	(236, 'item', 44, 'claimed', 'QUEUED', 'SUBMITTING', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 44),
	(239, 'group', 9, 'born', '', 'PLANNED', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 9),
	(240, 'job', 29, 'born', '', 'WAITING', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 29),
	(241, 'group', 9, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 9),
	(245, 'group', 11, 'born', '', 'PLANNED', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 11),
	(246, 'job', 31, 'born', '', 'WAITING', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 31),
	(247, 'group', 11, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 11),
	(252, 'job', 29, 'inputs_readable', 'WAITING', 'READY', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 32),
	(255, 'item', 17, 'done', 'SUBMITTED', 'DONE', '2016-08-01 03:25:00+00', 'flow:released@nowhere', '', 17),
	(256, 'item', 19, 'done', 'SUBMITTED', 'DONE', '2016-08-01 03:25:00+00', 'flow:released@nowhere', '', 20),
	(257, 'item', 44, 'done', 'SUBMITTED', 'DONE', '2016-08-01 03:25:00+00', 'flow:released@nowhere', '', 44),
	(258, 'item', 18, 'failed', 'SUBMITTED', 'HELD', '2016-08-01 03:25:00+00', 'flow:released@nowhere', 'tape_lost: /castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275682.raw cannot be read from tape V275682 — tape_lost does not pass by itself: a person must look', 18),
	(262, 'job', 10, 'claimed', 'READY', 'SUBMITTING', '2016-08-01 03:25:00+00', 'flow:released@nowhere', '', 10),
	(263, 'job', 17, 'claimed', 'READY', 'SUBMITTING', '2016-08-01 03:25:00+00', 'flow:released@nowhere', '', 17),
	(264, 'job', 10, 'accepted', 'SUBMITTING', 'RUNNING', '2016-08-01 03:25:00+00', 'flow:released@nowhere', '', 10),
	(265, 'job', 17, 'accepted', 'SUBMITTING', 'RUNNING', '2016-08-01 03:25:00+00', 'flow:released@nowhere', '', 17),
	(266, 'job', 29, 'ended_well', 'RUNNING', 'ENDED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 32),
	(267, 'replica', 92, 'born', '', 'UNVERIFIED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 92),
	(268, 'file', 85, 'registered', '', '', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 85),
	(269, 'replica', 93, 'born', '', 'UNVERIFIED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 93),
	(270, 'file', 86, 'registered', '', '', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 86),
	(271, 'replica', 94, 'born', '', 'UNVERIFIED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 94),
	(272, 'file', 87, 'registered', '', '', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 87),
	(273, 'replica', 95, 'born', '', 'UNVERIFIED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 95),
	(274, 'file', 88, 'registered', '', '', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 88),
	(275, 'group', 9, 'output_registered', 'MERGING', 'MERGED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 12),
	(276, 'job', 29, 'outputs_registered', 'ENDED', 'DONE', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 32),
	(279, 'replica', 92, 'verified', 'UNVERIFIED', 'AVAILABLE', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 95),
	(280, 'check', 9, 'born', '', 'PENDING', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 12),
	(281, 'check', 11, 'agree', 'PENDING', 'PASSED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 11),
	(282, 'group', 12, 'counts_agree', 'MERGED', 'CHECKED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 12),
	(283, 'check', 9, 'differ', 'PENDING', 'FAILED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', 'part 0: its 4 files hold 10388 events, the merge job says 10388, the merged file holds 10387', 9),
	(284, 'group', 11, 'counts_differ', 'MERGED', 'MISMATCHED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', 'part 0: its 4 files hold 10388 events, the merge job says 10388, the merged file holds 10387', 11),
	(285, 'check', 10, 'differ', 'PENDING', 'FAILED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', 'part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891', 10),
	(286, 'group', 10, 'counts_differ', 'MERGED', 'MISMATCHED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', 'part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891', 10),
	(287, 'check', 12, 'differ', 'PENDING', 'FAILED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', 'part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891', 12),
	(288, 'group', 9, 'counts_differ', 'MERGED', 'MISMATCHED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', 'part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891', 9),
	(289, 'replica', 96, 'born', '', 'COPYING', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 96),
	(291, 'item', 45, 'accepted', 'SUBMITTING', 'SUBMITTED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 45),
	(292, 'item', 45, 'done', 'SUBMITTED', 'DONE', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 45),
	(293, 'replica', 96, 'landed', 'COPYING', 'UNVERIFIED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 96),
	(303, 'job', 33, 'inputs_readable', 'WAITING', 'READY', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 33),
	(306, 'item', 46, 'claimed', 'QUEUED', 'SUBMITTING', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 46),
	(310, 'replica', 97, 'verified_in_buffer', 'UNVERIFIED', 'ARCHIVING', '2016-08-01 03:50:00+00', 'flow:released@nowhere', 'size and adler32 agree (adler32 by service), in the buffer, not yet on tape', 97),
	(311, 'job', 10, 'ended_well', 'RUNNING', 'ENDED', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 10),
	(312, 'replica', 98, 'born', '', 'UNVERIFIED', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 98),
	(313, 'file', 89, 'registered', '', '', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 89),
	(314, 'replica', 99, 'born', '', 'UNVERIFIED', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 99),
	(315, 'file', 90, 'registered', '', '', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 90),
	(316, 'replica', 100, 'born', '', 'UNVERIFIED', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 100),
	(317, 'file', 91, 'registered', '', '', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 91),
	(318, 'replica', 101, 'born', '', 'UNVERIFIED', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 101),
	(319, 'file', 92, 'registered', '', '', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 92),
	(320, 'job', 10, 'outputs_registered', 'ENDED', 'DONE', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 10),
	(322, 'pin', 16, 'last_reader_left', 'ACTIVE', 'RELEASING', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 16),
	(323, 'pin', 16, 'released', 'RELEASING', 'RELEASED', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 16),
	(324, 'group', 13, 'born', '', 'PLANNED', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 13),
	(325, 'job', 34, 'born', '', 'WAITING', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 34),
	(326, 'group', 13, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 13),
	(330, 'group', 15, 'born', '', 'PLANNED', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 15),
	(331, 'job', 36, 'born', '', 'WAITING', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 36),
	(332, 'group', 15, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 15),
	(338, 'job', 34, 'claimed', 'READY', 'SUBMITTING', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 36),
	(339, 'job', 34, 'accepted', 'SUBMITTING', 'RUNNING', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 36),
	(340, 'replica', 96, 'on_tape', 'ARCHIVING', 'AVAILABLE', '2016-08-01 04:00:00+00', 'flow:released@nowhere', '', 97),
	(250, 'group', 12, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 12),
	(251, 'replica', 76, 'verified', 'UNVERIFIED', 'AVAILABLE', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 91),
	(253, 'job', 29, 'claimed', 'READY', 'SUBMITTING', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 32),
	(254, 'job', 29, 'accepted', 'SUBMITTING', 'RUNNING', '2016-08-01 03:20:00+00', 'flow:released@nowhere', '', 32),
	(259, 'job', 10, 'inputs_readable', 'WAITING', 'READY', '2016-08-01 03:25:00+00', 'flow:released@nowhere', '', 10),
	(260, 'job', 17, 'inputs_readable', 'WAITING', 'READY', '2016-08-01 03:25:00+00', 'flow:released@nowhere', '', 17),
	(261, 'job', 19, 'inputs_readable', 'WAITING', 'READY', '2016-08-01 03:25:00+00', 'flow:released@nowhere', '', 20),
	(277, 'job', 19, 'claimed', 'READY', 'SUBMITTING', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 20),
	(278, 'job', 19, 'accepted', 'SUBMITTING', 'RUNNING', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 20),
	(290, 'item', 45, 'claimed', 'QUEUED', 'SUBMITTING', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 45),
	(294, 'replica', 96, 'verified_in_buffer', 'UNVERIFIED', 'ARCHIVING', '2016-08-01 03:50:00+00', 'flow:released@nowhere', 'size and adler32 agree (adler32 by service), in the buffer, not yet on tape', 96),
	(295, 'check', 7, 'waived', 'FAILED', 'WAIVED', '2016-08-01 03:50:00+00', 'released@nowhere', 'a person''s reason: quotes '' and \ and é, and a tab', 7),
	(296, 'group', 7, 'waived', 'MISMATCHED', 'CHECKED', '2016-08-01 03:50:00+00', 'released@nowhere', 'a person''s reason: quotes '' and \ and é, and a tab', 7),
	(297, 'replica', 94, 'trashed', 'AVAILABLE', 'TRASHED', '2016-08-01 03:50:00+00', 'released@nowhere', 'output of an attempt that is withdrawn: a person''s reason: quotes '' and \ and é, and a tab', 94),
	(298, 'file', 87, 'retired', '', '', '2016-08-01 03:50:00+00', 'released@nowhere', 'output of an attempt that is withdrawn: a person''s reason: quotes '' and \ and é, and a tab', 87),
	(299, 'group', 11, 'merge_again', 'MISMATCHED', 'MERGING', '2016-08-01 03:50:00+00', 'released@nowhere', 'a person''s reason: quotes '' and \ and é, and a tab', 11),
	(300, 'job', 33, 'born', '', 'WAITING', '2016-08-01 03:50:00+00', 'released@nowhere', 'a person''s reason: quotes '' and \ and é, and a tab', 33),
	(301, 'check', 9, 'reopened', 'FAILED', 'PENDING', '2016-08-01 03:50:00+00', 'released@nowhere', 'a person''s reason: quotes '' and \ and é, and a tab', 9),
	(302, 'replica', 97, 'born', '', 'COPYING', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 97),
	(304, 'job', 33, 'claimed', 'READY', 'SUBMITTING', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 33),
	(305, 'job', 33, 'accepted', 'SUBMITTING', 'RUNNING', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 33),
	(307, 'item', 46, 'accepted', 'SUBMITTING', 'SUBMITTED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 46),
	(308, 'item', 46, 'done', 'SUBMITTED', 'DONE', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 46),
	(309, 'replica', 97, 'landed', 'COPYING', 'UNVERIFIED', '2016-08-01 03:50:00+00', 'flow:released@nowhere', '', 97),
	(321, 'job', 17, 'ended_badly', 'RUNNING', 'WAITING', '2016-08-01 03:55:00+00', 'flow:released@nowhere', 'no_report: killed by the batch system', 17),
	(327, 'group', 14, 'born', '', 'PLANNED', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 14),
	(328, 'job', 35, 'born', '', 'WAITING', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 35),
	(329, 'group', 14, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 14),
	(333, 'group', 16, 'born', '', 'PLANNED', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 16),
	(334, 'job', 37, 'born', '', 'WAITING', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 37),
	(335, 'group', 16, 'job_created', 'PLANNED', 'MERGING', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 16),
	(336, 'replica', 98, 'verified', 'UNVERIFIED', 'AVAILABLE', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 101),
	(337, 'job', 34, 'inputs_readable', 'WAITING', 'READY', '2016-08-01 03:55:00+00', 'flow:released@nowhere', '', 37),
	(348, 'dataset', 10, 'reopened', 'CLOSED', 'OPEN', '2016-08-01 04:00:00+00', 'released@nowhere', 'a person''s reason: quotes '' and \ and é, and a tab', 10),
	(341, 'job', 17, 'inputs_readable', 'WAITING', 'READY', '2016-08-01 04:00:00+00', 'flow:released@nowhere', '', 17),
	(342, 'group', 7, 'output_on_tape', 'CHECKED', 'ARCHIVED', '2016-08-01 04:00:00+00', 'flow:released@nowhere', '', 7),
	(343, 'group', 12, 'output_on_tape', 'CHECKED', 'ARCHIVED', '2016-08-01 04:00:00+00', 'flow:released@nowhere', '', 12),
	(344, 'dataset', 10, 'born', '', 'OPEN', '2016-08-01 04:00:00+00', 'released@nowhere', 'registered from a list', 10),
	(345, 'replica', 102, 'born', '', 'UNVERIFIED', '2016-08-01 04:00:00+00', 'released@nowhere', 'registered from a list', 105),
	(346, 'file', 93, 'registered', '', '', '2016-08-01 04:00:00+00', 'released@nowhere', 'registered from a list', 96),
	(347, 'dataset', 10, 'closed', 'OPEN', 'CLOSED', '2016-08-01 04:00:00+00', 'released@nowhere', 'registered from a list', 10),
	(349, 'dataset', 11, 'born', '', 'OPEN', '2016-08-01 04:00:00+00', 'released@nowhere', 'added', 11);
INSERT INTO public.item VALUES
	(1, 'stage', 2, 1, NULL, 1, 'DONE', '2016-08-01 00:05:00+00', 1, '2016-08-01 00:05:00+00', NULL, NULL),
	(3, 'stage', 2, 3, NULL, 1, 'DONE', '2016-08-01 00:05:00+00', 1, '2016-08-01 00:05:00+00', NULL, NULL),
	(2, 'stage', 2, 2, NULL, 1, 'DONE', '2016-08-01 00:05:00+00', 1, '2016-08-01 00:05:00+00', NULL, NULL),
	(8, 'stage', 2, 8, NULL, 2, 'DONE', '2016-08-01 00:40:00+00', 1, '2016-08-01 00:40:00+00', NULL, NULL),
	(7, 'stage', 2, 7, NULL, 2, 'DONE', '2016-08-01 00:40:00+00', 1, '2016-08-01 00:40:00+00', NULL, NULL),
	(6, 'stage', 2, 6, NULL, 2, 'DONE', '2016-08-01 00:40:00+00', 1, '2016-08-01 00:40:00+00', NULL, NULL),
	(5, 'stage', 2, 5, NULL, 2, 'DONE', '2016-08-01 00:40:00+00', 1, '2016-08-01 00:40:00+00', NULL, NULL),
	(4, 'stage', 2, 4, NULL, 1, 'FAILED', '2016-08-01 01:15:00+00', 1, '2016-08-01 00:05:00+00', 'tape_lost', '/castor/cern.ch/compass/data/2016/raw/W14/cdr11004-275678.raw cannot be read from tape V275678 — tape_lost does not pass by itself: a person must look'),
	(11, 'stage', 2, 11, NULL, 3, 'DONE', '2016-08-01 01:15:00+00', 1, '2016-08-01 01:15:00+00', NULL, NULL),
	(10, 'stage', 2, 10, NULL, 3, 'DONE', '2016-08-01 01:15:00+00', 1, '2016-08-01 01:15:00+00', NULL, NULL),
	(9, 'stage', 2, 9, NULL, 3, 'DONE', '2016-08-01 01:15:00+00', 1, '2016-08-01 01:15:00+00', NULL, NULL),
	(12, 'stage', 2, 12, NULL, 3, 'DONE', '2016-08-01 01:15:00+00', 1, '2016-08-01 01:15:00+00', NULL, NULL),
	(21, 'copy', 2, 53, 51, 4, 'DONE', '2016-08-01 01:40:00+00', 1, '2016-08-01 01:40:00+00', NULL, NULL),
	(22, 'copy', 2, 54, 50, 4, 'DONE', '2016-08-01 01:40:00+00', 1, '2016-08-01 01:40:00+00', NULL, NULL),
	(23, 'copy', 2, 55, 52, 4, 'DONE', '2016-08-01 01:40:00+00', 1, '2016-08-01 01:40:00+00', NULL, NULL),
	(24, 'copy', 2, 56, 49, 4, 'DONE', '2016-08-01 01:40:00+00', 1, '2016-08-01 01:40:00+00', NULL, NULL),
	(25, 'copy', 2, 59, 58, 5, 'DONE', '2016-08-01 01:45:00+00', 1, '2016-08-01 01:45:00+00', NULL, NULL),
	(26, 'copy', 2, 60, 57, 5, 'DONE', '2016-08-01 01:45:00+00', 1, '2016-08-01 01:45:00+00', NULL, NULL),
	(27, 'remove', 1, 33, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(28, 'remove', 1, 34, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(29, 'remove', 1, 35, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(30, 'remove', 1, 36, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(31, 'remove', 1, 37, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(32, 'remove', 1, 38, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(33, 'remove', 1, 39, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(34, 'remove', 1, 40, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(35, 'remove', 1, 41, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(36, 'remove', 1, 42, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(37, 'remove', 1, 43, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(38, 'remove', 1, 44, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(43, 'copy', 2, 67, 66, 7, 'DONE', '2016-08-01 02:10:00+00', 1, '2016-08-01 02:10:00+00', NULL, NULL),
	(16, 'stage', 2, 16, NULL, 8, 'DONE', '2016-08-01 02:50:00+00', 1, '2016-08-01 02:50:00+00', NULL, NULL),
	(15, 'stage', 2, 15, NULL, 8, 'DONE', '2016-08-01 02:50:00+00', 1, '2016-08-01 02:50:00+00', NULL, NULL),
	(13, 'stage', 2, 13, NULL, 8, 'DONE', '2016-08-01 02:50:00+00', 1, '2016-08-01 02:50:00+00', NULL, NULL),
	(14, 'stage', 2, 14, NULL, 8, 'DONE', '2016-08-01 02:50:00+00', 1, '2016-08-01 02:50:00+00', NULL, NULL),
	(44, 'stage', 2, 10, NULL, 9, 'DONE', '2016-08-01 03:25:00+00', 1, '2016-08-01 03:25:00+00', NULL, NULL),
	(19, 'stage', 2, 19, NULL, 9, 'DONE', '2016-08-01 03:25:00+00', 1, '2016-08-01 03:25:00+00', NULL, NULL),
	(17, 'stage', 2, 17, NULL, 9, 'DONE', '2016-08-01 03:25:00+00', 1, '2016-08-01 03:25:00+00', NULL, NULL),
	(20, 'stage', 2, 20, NULL, 9, 'DONE', '2016-08-01 03:25:00+00', 1, '2016-08-01 03:25:00+00', NULL, NULL),
	(18, 'stage', 2, 18, NULL, 9, 'HELD', '2016-08-01 03:25:00+00', 1, '2016-08-01 03:25:00+00', 'tape_lost', '/castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275682.raw cannot be read from tape V275682 — tape_lost does not pass by itself: a person must look'),
	(46, 'copy', 2, 97, 65, 11, 'DONE', '2016-08-01 03:50:00+00', 1, '2016-08-01 03:50:00+00', NULL, NULL),
	(39, 'remove', 1, 45, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(40, 'remove', 1, 46, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(41, 'remove', 1, 47, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(42, 'remove', 1, 48, NULL, 6, 'DONE', '2016-08-01 01:50:00+00', 1, '2016-08-01 01:50:00+00', NULL, NULL),
	(45, 'copy', 2, 96, 95, 10, 'DONE', '2016-08-01 03:50:00+00', 1, '2016-08-01 03:50:00+00', NULL, NULL);
INSERT INTO public.job VALUES
	(18, 1, 'process', 275682, '11002', NULL, 'WAITING', '2016-08-01 00:00:00+00', 0, NULL, NULL, '2016-08-01 00:00:00+00', NULL, NULL),
	(1, 1, 'process', 275678, '11001', NULL, 'DONE', '2016-08-01 00:35:00+00', 1, 'j1a1', 'j1a1', '2016-08-01 00:05:00+00', NULL, NULL),
	(2, 1, 'process', 275678, '11002', NULL, 'DONE', '2016-08-01 00:35:00+00', 1, 'j2a1', 'j2a1', '2016-08-01 00:05:00+00', NULL, NULL),
	(3, 1, 'process', 275678, '11003', NULL, 'DONE', '2016-08-01 00:35:00+00', 1, 'j3a1', 'j3a1', '2016-08-01 00:05:00+00', NULL, NULL),
	(5, 1, 'process', 275679, '11001', NULL, 'DONE', '2016-08-01 01:10:00+00', 1, 'j5a1', 'j5a1', '2016-08-01 00:40:00+00', NULL, NULL),
	(6, 1, 'process', 275679, '11002', NULL, 'DONE', '2016-08-01 01:10:00+00', 1, 'j6a1', 'j6a1', '2016-08-01 00:40:00+00', NULL, NULL),
	(7, 1, 'process', 275679, '11003', NULL, 'DONE', '2016-08-01 01:10:00+00', 1, 'j7a1', 'j7a1', '2016-08-01 00:40:00+00', NULL, NULL),
	(8, 1, 'process', 275679, '11004', NULL, 'DONE', '2016-08-01 01:10:00+00', 1, 'j8a1', 'j8a1', '2016-08-01 00:40:00+00', NULL, NULL),
	(11, 1, 'process', 275680, '11003', NULL, 'DONE', '2016-08-01 02:15:00+00', 1, 'j11a1', 'j11a1', '2016-08-01 01:45:00+00', NULL, NULL),
	(4, 1, 'process', 275678, '11004', NULL, 'CANCELED', '2016-08-01 01:15:00+00', 0, NULL, NULL, '2016-08-01 00:00:00+00', NULL, NULL),
	(12, 1, 'process', 275680, '11004', NULL, 'DONE', '2016-08-01 02:15:00+00', 1, 'j12a1', 'j12a1', '2016-08-01 01:45:00+00', NULL, NULL),
	(21, 1, 'merge', 275679, '', 1, 'DONE', '2016-08-01 01:40:00+00', 1, 'j21a1', 'j21a1', '2016-08-01 01:10:00+00', NULL, NULL),
	(22, 1, 'merge', 275679, '', 2, 'DONE', '2016-08-01 01:40:00+00', 1, 'j22a1', 'j22a1', '2016-08-01 01:10:00+00', NULL, NULL),
	(23, 1, 'merge', 275679, '', 3, 'DONE', '2016-08-01 01:40:00+00', 1, 'j23a1', 'j23a1', '2016-08-01 01:10:00+00', NULL, NULL),
	(24, 1, 'merge', 275679, '', 4, 'DONE', '2016-08-01 01:40:00+00', 1, 'j24a1', 'j24a1', '2016-08-01 01:10:00+00', NULL, NULL),
	(13, 1, 'process', 275681, '11001', NULL, 'DONE', '2016-08-01 03:20:00+00', 1, 'j13a1', 'j13a1', '2016-08-01 02:50:00+00', NULL, NULL),
	(14, 1, 'process', 275681, '11002', NULL, 'DONE', '2016-08-01 03:20:00+00', 1, 'j14a1', 'j14a1', '2016-08-01 02:50:00+00', NULL, NULL),
	(15, 1, 'process', 275681, '11003', NULL, 'DONE', '2016-08-01 03:20:00+00', 1, 'j15a1', 'j15a1', '2016-08-01 02:50:00+00', NULL, NULL),
	(16, 1, 'process', 275681, '11004', NULL, 'DONE', '2016-08-01 03:20:00+00', 1, 'j16a1', 'j16a1', '2016-08-01 02:50:00+00', NULL, NULL),
	(25, 1, 'merge', 275678, '', 5, 'DONE', '2016-08-01 01:45:00+00', 1, 'j25a1', 'j25a1', '2016-08-01 01:15:00+00', NULL, NULL),
	(26, 1, 'merge', 275678, '', 6, 'DONE', '2016-08-01 01:45:00+00', 1, 'j26a1', 'j26a1', '2016-08-01 01:15:00+00', NULL, NULL),
	(9, 1, 'process', 275680, '11001', NULL, 'DONE', '2016-08-01 02:10:00+00', 1, 'j9a1', 'j9a1', '2016-08-01 01:40:00+00', NULL, NULL),
	(27, 1, 'merge', 275678, '', 7, 'DONE', '2016-08-01 02:10:00+00', 1, 'j27a1', 'j27a1', '2016-08-01 01:40:00+00', NULL, NULL),
	(28, 1, 'merge', 275678, '', 8, 'DONE', '2016-08-01 02:10:00+00', 1, 'j28a1', 'j28a1', '2016-08-01 01:40:00+00', NULL, NULL),
	(10, 1, 'process', 275680, '11002', NULL, 'DONE', '2016-08-01 03:55:00+00', 3, 'j10a3', 'j10a3', '2016-08-01 03:25:00+00', 'checksum_mismatch', '/castor/cern.ch/compass/data/2016/raw/W14/cdr11002-275680.raw: bytes differ'),
	(29, 1, 'merge', 275681, '', 9, 'DONE', '2016-08-01 03:50:00+00', 1, 'j29a1', 'j29a1', '2016-08-01 03:20:00+00', NULL, NULL),
	(30, 1, 'merge', 275681, '', 10, 'DONE', '2016-08-01 03:50:00+00', 1, 'j30a1', 'j30a1', '2016-08-01 03:20:00+00', NULL, NULL),
	(31, 1, 'merge', 275681, '', 11, 'DONE', '2016-08-01 03:50:00+00', 1, 'j31a1', 'j31a1', '2016-08-01 03:20:00+00', NULL, NULL),
	(32, 1, 'merge', 275681, '', 12, 'DONE', '2016-08-01 03:50:00+00', 1, 'j32a1', 'j32a1', '2016-08-01 03:20:00+00', NULL, NULL),
	(19, 1, 'process', 275682, '11003', NULL, 'RUNNING', '2016-08-01 03:50:00+00', 1, 'j19a1', 'j19a1', '2016-08-01 03:50:00+00', NULL, NULL),
	(20, 1, 'process', 275682, '11004', NULL, 'RUNNING', '2016-08-01 03:50:00+00', 1, 'j20a1', 'j20a1', '2016-08-01 03:50:00+00', NULL, NULL),
	(33, 1, 'merge', 275681, '', 11, 'RUNNING', '2016-08-01 03:50:00+00', 1, 'j33a1', 'j33a1', '2016-08-01 03:50:00+00', NULL, NULL),
	(37, 1, 'merge', 275680, '', 16, 'READY', '2016-08-01 03:55:00+00', 0, NULL, NULL, '2016-08-01 03:55:00+00', NULL, NULL),
	(34, 1, 'merge', 275680, '', 13, 'RUNNING', '2016-08-01 03:55:00+00', 1, 'j34a1', 'j34a1', '2016-08-01 03:55:00+00', NULL, NULL),
	(35, 1, 'merge', 275680, '', 14, 'RUNNING', '2016-08-01 03:55:00+00', 1, 'j35a1', 'j35a1', '2016-08-01 03:55:00+00', NULL, NULL),
	(36, 1, 'merge', 275680, '', 15, 'RUNNING', '2016-08-01 03:55:00+00', 1, 'j36a1', 'j36a1', '2016-08-01 03:55:00+00', NULL, NULL),
	(17, 1, 'process', 275682, '11001', NULL, 'READY', '2016-08-01 04:00:00+00', 1, 'j17a1', 'j17a1', '2016-08-01 03:55:49.528034+00', 'no_report', 'killed by the batch system');
INSERT INTO public.job_input VALUES
	(1, 0, 1),
	(2, 0, 2),
	(3, 0, 3),
	(4, 0, 4),
	(5, 0, 5),
	(6, 0, 6),
	(7, 0, 7),
	(8, 0, 8),
	(9, 0, 9),
	(10, 0, 10),
	(11, 0, 11),
	(12, 0, 12),
	(13, 0, 13),
	(14, 0, 14),
	(15, 0, 15),
	(16, 0, 16),
	(17, 0, 17),
	(18, 0, 18),
	(19, 0, 19),
	(20, 0, 20),
	(21, 0, 33),
	(21, 1, 34),
	(21, 2, 35),
	(21, 3, 36),
	(22, 0, 37),
	(22, 1, 38),
	(22, 2, 39),
	(22, 3, 40),
	(23, 0, 41),
	(23, 1, 42),
	(23, 2, 43),
	(23, 3, 44),
	(24, 0, 45),
	(24, 1, 46),
	(24, 2, 47),
	(24, 3, 48),
	(25, 0, 21),
	(25, 1, 22),
	(25, 2, 23),
	(26, 0, 24),
	(26, 1, 25),
	(26, 2, 26),
	(27, 0, 27),
	(27, 1, 28),
	(27, 2, 29),
	(28, 0, 30),
	(28, 1, 31),
	(28, 2, 32),
	(29, 0, 69),
	(29, 1, 70),
	(29, 2, 71),
	(29, 3, 72),
	(30, 0, 73),
	(30, 1, 74),
	(30, 2, 75),
	(30, 3, 76),
	(31, 0, 77),
	(31, 1, 78),
	(31, 2, 79),
	(31, 3, 80),
	(32, 0, 81),
	(32, 1, 82),
	(32, 2, 83),
	(32, 3, 84),
	(33, 0, 77),
	(33, 1, 78),
	(33, 2, 79),
	(33, 3, 80),
	(34, 0, 55),
	(34, 1, 89),
	(34, 2, 61),
	(34, 3, 62),
	(35, 0, 56),
	(35, 1, 90),
	(35, 2, 63),
	(35, 3, 64),
	(36, 0, 57),
	(36, 1, 91),
	(36, 2, 65),
	(36, 3, 66),
	(37, 0, 58),
	(37, 1, 92),
	(37, 2, 67),
	(37, 3, 68);
INSERT INTO public.member VALUES
	(1, 0, 33, true),
	(1, 1, 34, true),
	(1, 2, 35, true),
	(1, 3, 36, true),
	(2, 0, 37, true),
	(2, 1, 38, true),
	(2, 2, 39, true),
	(2, 3, 40, true),
	(3, 0, 41, true),
	(3, 1, 42, true),
	(3, 2, 43, true),
	(3, 3, 44, true),
	(4, 0, 45, true),
	(4, 1, 46, true),
	(4, 2, 47, true),
	(4, 3, 48, true),
	(5, 0, 21, true),
	(5, 1, 22, true),
	(5, 2, 23, true),
	(6, 0, 24, true),
	(6, 1, 25, true),
	(6, 2, 26, true),
	(7, 0, 27, true),
	(7, 1, 28, true),
	(7, 2, 29, true),
	(8, 0, 30, true),
	(8, 1, 31, true),
	(8, 2, 32, true),
	(9, 0, 69, true),
	(9, 1, 70, true),
	(9, 2, 71, true),
	(9, 3, 72, true),
	(10, 0, 73, true),
	(10, 1, 74, true),
	(10, 2, 75, true),
	(10, 3, 76, true),
	(11, 0, 77, true),
	(11, 1, 78, true),
	(11, 2, 79, true),
	(11, 3, 80, true),
	(12, 0, 81, true),
	(12, 1, 82, true),
	(12, 2, 83, true),
	(12, 3, 84, true),
	(13, 0, 55, true),
	(13, 1, 89, true),
	(13, 2, 61, true),
	(13, 3, 62, true),
	(14, 0, 56, true),
	(14, 1, 90, true),
	(14, 2, 63, true),
	(14, 3, 64, true),
	(15, 0, 57, true),
	(15, 1, 91, true),
	(15, 2, 65, true),
	(15, 3, 66, true),
	(16, 0, 58, true),
	(16, 1, 92, true),
	(16, 2, 67, true),
	(16, 3, 68, true);
INSERT INTO public.merge_group VALUES
	(1, 1, 275679, 'mDST', 0, 'CLEANED', '2016-08-01 01:50:00+00', '9c4ecc76e8176d5130aae847b50a3e10d4877ee1867e3c77b6c94ef680243e15', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275679-0-7.root', 42059600, 49, NULL),
	(2, 1, 275679, 'hist', 0, 'CLEANED', '2016-08-01 01:50:00+00', 'bcca792c12f29ed4a9438287ec98d1641901782d4cb0fa001833434b1da275e7', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275679-0-7.root', 2102980, 50, NULL),
	(3, 1, 275679, 'evtdump', 0, 'CLEANED', '2016-08-01 01:50:00+00', 'e3692edb455018568e6c85a94194648b874afe63d8c2064d93499cc5abef4aeb', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275679.raw', 36795500, 51, NULL),
	(4, 1, 275679, 'logs', 0, 'CLEANED', '2016-08-01 01:50:00+00', '581bc3e42615fcfe01109b8c3ee33ed692cc588bff4be074fb814a076b681f2b', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275679.zip', 40, 52, NULL),
	(5, 1, 275678, 'mDST', 0, 'ARCHIVED', '2016-08-01 01:55:00+00', '3689d93c580a969f8d811c8d3162e51693bf48128a05c204aefdd80fc442ff0a', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275678-0-7.root', 29023600, 53, NULL),
	(6, 1, 275678, 'hist', 0, 'ARCHIVED', '2016-08-01 01:55:00+00', 'b4e5ec5fa29b83902271e9d938abf862a8eec640b7754684d4c9299ea113bd97', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275678-0-7.root', 1451180, 54, NULL),
	(8, 1, 275678, 'logs', 0, 'ARCHIVED', '2016-08-01 02:20:00+00', 'aa6f2a565bf65949f125b01b7d7e563fffeaf47f69747730f7dfe417131e5169', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275678.zip', 30, 60, NULL),
	(10, 1, 275681, 'hist', 0, 'MISMATCHED', '2016-08-01 03:50:00+00', 'f36816259b96d56c6dd87a32e10839dca771ff1b601c088ec9b739cacb9ebc04', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275681-0-7.root', 2077840, 86, 'part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891'),
	(9, 1, 275681, 'mDST', 0, 'MISMATCHED', '2016-08-01 03:50:00+00', '3fda5ae41eaeb976fcb345d0be5689e09845c317e0e7fd8ba0c33163a793601d', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275681-0-7.root', 41556800, 85, 'part 0: its 4 files hold 103892 events, the merge job says 103892, the merged file holds 103891'),
	(11, 1, 275681, 'evtdump', 0, 'MERGING', '2016-08-01 03:50:00+00', '16ca5ee1703b656c7e3ca6e46f0191a5a24b729dadf888c30f07f84cbe06cb00', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275681.raw', 36358000, NULL, NULL),
	(13, 1, 275680, 'mDST', 0, 'MERGING', '2016-08-01 03:55:00+00', '5b47ed2b0b330919fc281b004ba9119809d87347d82c44c0d5a5511597d2f0b5', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mDST/mDST-275680-0-7.root', 39675200, NULL, NULL),
	(14, 1, 275680, 'hist', 0, 'MERGING', '2016-08-01 03:55:00+00', '738a4692e2bb4783e604e115d78b03afe900027b98a3767c453ffbb1dbc7b2ba', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/histos/histsum-275680-0-7.root', 1983760, NULL, NULL),
	(15, 1, 275680, 'evtdump', 0, 'MERGING', '2016-08-01 03:55:00+00', '17ad6299edc5ff72241447432eda83cdac8da4cf8b43872a3da396253061a87d', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275680.raw', 34706000, NULL, NULL),
	(16, 1, 275680, 'logs', 0, 'MERGING', '2016-08-01 03:55:00+00', 'ea2bac7d36d56e03ce4e92cc64d4885c9559c5e3fcc1effc0ccd6dd7e1d2a995', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275680.zip', 40, NULL, NULL),
	(12, 1, 275681, 'logs', 0, 'ARCHIVED', '2016-08-01 04:00:00+00', 'a7b474995191bfc8ab2df17b30e870b7b60de0e9a0abab8b9604fb87687c0fcb', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/logs/dvcs2016P08.275681.zip', 40, 88, NULL),
	(7, 1, 275678, 'evtdump', 0, 'ARCHIVED', '2016-08-01 04:00:00+00', '0972fe43e1b160ce64b6aa3136a7ca46e491d3015d286db304a15a22674ff4e2', '/castor/cern.ch/compass/generalprod/oracle_dst/dvcs2016P08t1/mergedDump/evtdump0-275678.raw', 25392500, 59, 'part 0: its 3 files hold 7255 events, the merge job says 7255, the merged file holds 7254');
INSERT INTO public.parent VALUES
	(21, 1),
	(22, 2),
	(23, 3),
	(24, 1),
	(25, 2),
	(26, 3),
	(27, 1),
	(28, 2),
	(29, 3),
	(30, 1),
	(31, 2),
	(32, 3),
	(33, 5),
	(34, 6),
	(35, 7),
	(36, 8),
	(37, 5),
	(38, 6),
	(39, 7),
	(40, 8),
	(41, 5),
	(42, 6),
	(43, 7),
	(44, 8),
	(45, 5),
	(46, 6),
	(47, 7),
	(48, 8),
	(49, 33),
	(49, 34),
	(49, 35),
	(49, 36),
	(50, 37),
	(50, 38),
	(50, 39),
	(50, 40),
	(51, 41),
	(51, 42),
	(51, 43),
	(51, 44),
	(52, 45),
	(52, 46),
	(52, 47),
	(52, 48),
	(53, 21),
	(53, 22),
	(53, 23),
	(54, 24),
	(54, 25),
	(54, 26),
	(55, 9),
	(56, 9),
	(57, 9),
	(58, 9),
	(59, 27),
	(59, 28),
	(59, 29),
	(60, 30),
	(60, 31),
	(60, 32),
	(61, 11),
	(62, 12),
	(63, 11),
	(64, 12),
	(65, 11),
	(66, 12),
	(67, 11),
	(68, 12),
	(69, 13),
	(70, 14),
	(71, 15),
	(72, 16),
	(73, 13),
	(74, 14),
	(75, 15),
	(76, 16),
	(77, 13),
	(78, 14),
	(79, 15),
	(80, 16),
	(81, 13),
	(82, 14),
	(83, 15),
	(84, 16),
	(85, 69),
	(85, 70),
	(85, 71),
	(85, 72),
	(86, 73),
	(86, 74),
	(86, 75),
	(86, 76),
	(87, 77),
	(87, 78),
	(87, 79),
	(87, 80),
	(88, 81),
	(88, 82),
	(88, 83),
	(88, 84),
	(89, 10),
	(90, 10),
	(91, 10),
	(92, 10);
INSERT INTO public.pin VALUES
	(1, 1, 'RELEASED', '2016-08-01 00:35:00+00', 'request-1', '2016-08-03 00:05:00+00'),
	(2, 2, 'RELEASED', '2016-08-01 00:35:00+00', 'request-1', '2016-08-03 00:05:00+00'),
	(3, 3, 'RELEASED', '2016-08-01 00:35:00+00', 'request-1', '2016-08-03 00:05:00+00'),
	(4, 8, 'RELEASED', '2016-08-01 01:10:00+00', 'request-2', '2016-08-03 00:40:00+00'),
	(5, 7, 'RELEASED', '2016-08-01 01:10:00+00', 'request-2', '2016-08-03 00:40:00+00'),
	(6, 6, 'RELEASED', '2016-08-01 01:10:00+00', 'request-2', '2016-08-03 00:40:00+00'),
	(7, 5, 'RELEASED', '2016-08-01 01:10:00+00', 'request-2', '2016-08-03 00:40:00+00'),
	(10, 9, 'RELEASED', '2016-08-01 02:10:00+00', 'request-3', '2016-08-03 01:15:00+00'),
	(8, 11, 'RELEASED', '2016-08-01 02:15:00+00', 'request-3', '2016-08-03 01:15:00+00'),
	(11, 12, 'RELEASED', '2016-08-01 02:15:00+00', 'request-3', '2016-08-03 01:15:00+00'),
	(9, 10, 'RELEASED', '2016-08-01 02:45:00+00', 'request-3', '2016-08-03 01:15:00+00'),
	(12, 16, 'RELEASED', '2016-08-01 03:20:00+00', 'request-4', '2016-08-03 02:50:00+00'),
	(13, 15, 'RELEASED', '2016-08-01 03:20:00+00', 'request-4', '2016-08-03 02:50:00+00'),
	(14, 13, 'RELEASED', '2016-08-01 03:20:00+00', 'request-4', '2016-08-03 02:50:00+00'),
	(15, 14, 'RELEASED', '2016-08-01 03:20:00+00', 'request-4', '2016-08-03 02:50:00+00'),
	(17, 19, 'ACTIVE', '2016-08-01 03:25:00+00', 'request-5', '2016-08-03 03:25:00+00'),
	(18, 17, 'ACTIVE', '2016-08-01 03:25:00+00', 'request-5', '2016-08-03 03:25:00+00'),
	(19, 20, 'ACTIVE', '2016-08-01 03:25:00+00', 'request-5', '2016-08-03 03:25:00+00'),
	(16, 10, 'RELEASED', '2016-08-01 03:55:00+00', 'request-5', '2016-08-03 03:25:00+00');
INSERT INTO public.replica VALUES
	(66, 60, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logs/j28a1/dvcs2016P08.275678.zip', 'AVAILABLE', '2016-08-01 02:10:00+00', 'ONLINE', '2016-08-01 02:10:00+00', 'service', 0, '2016-08-01 02:15:00+00'),
	(4, 4, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(78, 71, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j15a1/mDST-275681-11003-0-7.root', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(77, 70, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j14a1/mDST-275681-11002-0-7.root', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(65, 59, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mergedDump/j27a1/evtdump0-275678.raw', 'AVAILABLE', '2016-08-01 02:10:00+00', 'ONLINE', '2016-08-01 02:10:00+00', 'service', 0, '2016-08-01 02:15:00+00'),
	(18, 18, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(80, 73, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j13a1/275681-11001-0.root', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(79, 72, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j16a1/mDST-275681-11004-0-7.root', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(25, 25, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j2a1/275678-11002-0.root', 'AVAILABLE', '2016-08-01 00:35:00+00', 'ONLINE', '2016-08-01 00:35:00+00', 'service', 0, '2016-08-01 00:40:00+00'),
	(31, 31, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j2a1/dvcs2016P08.275678-11002-0.stdout.gz', 'AVAILABLE', '2016-08-01 00:35:00+00', 'ONLINE', '2016-08-01 00:35:00+00', 'service', 0, '2016-08-01 00:40:00+00'),
	(1, 1, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(2, 2, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(3, 3, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(8, 8, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(6, 6, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(7, 7, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(5, 5, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(19, 19, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'ONLINE_AND_NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(17, 17, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'ONLINE_AND_NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(57, 53, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST/j25a1/mDST-275678-0-7.root', 'AVAILABLE', '2016-08-01 01:45:00+00', 'ONLINE', '2016-08-01 01:45:00+00', 'service', 0, '2016-08-01 01:50:00+00'),
	(58, 54, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/histos/j26a1/histsum-275678-0-7.root', 'AVAILABLE', '2016-08-01 01:45:00+00', 'ONLINE', '2016-08-01 01:45:00+00', 'service', 0, '2016-08-01 01:50:00+00'),
	(20, 20, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'ONLINE_AND_NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(59, 54, 2, NULL, 'AVAILABLE', '2016-08-01 01:55:00+00', 'ONLINE_AND_NEARLINE', '2016-08-01 01:55:00+00', 'service', 0, '2016-08-01 02:00:00+00'),
	(60, 53, 2, NULL, 'AVAILABLE', '2016-08-01 01:55:00+00', 'ONLINE_AND_NEARLINE', '2016-08-01 01:55:00+00', 'service', 0, '2016-08-01 02:00:00+00'),
	(9, 9, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(11, 11, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(12, 12, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(67, 60, 2, NULL, 'AVAILABLE', '2016-08-01 02:20:00+00', 'ONLINE_AND_NEARLINE', '2016-08-01 02:20:00+00', 'service', 0, '2016-08-01 02:25:00+00'),
	(10, 10, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(15, 15, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(16, 16, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(13, 13, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(14, 14, 2, NULL, 'AVAILABLE', '2016-08-01 00:00:00+00', 'NEARLINE', '2016-08-01 00:00:00+00', 'service', 0, '2016-08-01 00:05:00+00'),
	(29, 29, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j3a1/evtdump0-11003-275678.raw', 'AVAILABLE', '2016-08-01 00:35:00+00', 'ONLINE', '2016-08-01 00:35:00+00', 'service', 0, '2016-08-01 00:40:00+00'),
	(30, 30, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j1a1/dvcs2016P08.275678-11001-0.stdout.gz', 'AVAILABLE', '2016-08-01 00:35:00+00', 'ONLINE', '2016-08-01 00:35:00+00', 'service', 0, '2016-08-01 00:40:00+00'),
	(21, 21, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j1a1/mDST-275678-11001-0-7.root', 'AVAILABLE', '2016-08-01 00:35:00+00', 'ONLINE', '2016-08-01 00:35:00+00', 'service', 0, '2016-08-01 00:40:00+00'),
	(26, 26, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j3a1/275678-11003-0.root', 'AVAILABLE', '2016-08-01 00:35:00+00', 'ONLINE', '2016-08-01 00:35:00+00', 'service', 0, '2016-08-01 00:40:00+00'),
	(27, 27, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j1a1/evtdump0-11001-275678.raw', 'AVAILABLE', '2016-08-01 00:35:00+00', 'ONLINE', '2016-08-01 00:35:00+00', 'service', 0, '2016-08-01 00:40:00+00'),
	(23, 23, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j3a1/mDST-275678-11003-0-7.root', 'AVAILABLE', '2016-08-01 00:35:00+00', 'ONLINE', '2016-08-01 00:35:00+00', 'service', 0, '2016-08-01 00:40:00+00'),
	(28, 28, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j2a1/evtdump0-11002-275678.raw', 'AVAILABLE', '2016-08-01 00:35:00+00', 'ONLINE', '2016-08-01 00:35:00+00', 'service', 0, '2016-08-01 00:40:00+00'),
	(22, 22, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j2a1/mDST-275678-11002-0-7.root', 'AVAILABLE', '2016-08-01 00:35:00+00', 'ONLINE', '2016-08-01 00:35:00+00', 'service', 0, '2016-08-01 00:40:00+00'),
	(32, 32, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j3a1/dvcs2016P08.275678-11003-0.stdout.gz', 'AVAILABLE', '2016-08-01 00:35:00+00', 'ONLINE', '2016-08-01 00:35:00+00', 'service', 0, '2016-08-01 00:40:00+00'),
	(24, 24, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j1a1/275678-11001-0.root', 'AVAILABLE', '2016-08-01 00:35:00+00', 'ONLINE', '2016-08-01 00:35:00+00', 'service', 0, '2016-08-01 00:40:00+00'),
	(41, 41, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j5a1/evtdump0-11001-275679.raw', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(42, 42, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j6a1/evtdump0-11002-275679.raw', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(51, 51, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mergedDump/j23a1/evtdump0-275679.raw', 'AVAILABLE', '2016-08-01 01:40:00+00', 'ONLINE', '2016-08-01 01:40:00+00', 'service', 0, '2016-08-01 01:45:00+00'),
	(50, 50, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/histos/j22a1/histsum-275679-0-7.root', 'AVAILABLE', '2016-08-01 01:40:00+00', 'ONLINE', '2016-08-01 01:40:00+00', 'service', 0, '2016-08-01 01:45:00+00'),
	(49, 49, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST/j21a1/mDST-275679-0-7.root', 'AVAILABLE', '2016-08-01 01:40:00+00', 'ONLINE', '2016-08-01 01:40:00+00', 'service', 0, '2016-08-01 01:45:00+00'),
	(52, 52, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logs/j24a1/dvcs2016P08.275679.zip', 'AVAILABLE', '2016-08-01 01:40:00+00', 'ONLINE', '2016-08-01 01:40:00+00', 'service', 0, '2016-08-01 01:45:00+00'),
	(55, 52, 2, NULL, 'AVAILABLE', '2016-08-01 01:50:00+00', 'ONLINE_AND_NEARLINE', '2016-08-01 01:50:00+00', 'service', 0, '2016-08-01 01:55:00+00'),
	(54, 50, 2, NULL, 'AVAILABLE', '2016-08-01 01:50:00+00', 'ONLINE_AND_NEARLINE', '2016-08-01 01:50:00+00', 'service', 0, '2016-08-01 01:55:00+00'),
	(56, 49, 2, NULL, 'AVAILABLE', '2016-08-01 01:50:00+00', 'ONLINE_AND_NEARLINE', '2016-08-01 01:50:00+00', 'service', 0, '2016-08-01 01:55:00+00'),
	(53, 51, 2, NULL, 'AVAILABLE', '2016-08-01 01:50:00+00', 'ONLINE_AND_NEARLINE', '2016-08-01 01:50:00+00', 'service', 0, '2016-08-01 01:55:00+00'),
	(43, 43, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j7a1/evtdump0-11003-275679.raw', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(44, 44, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j8a1/evtdump0-11004-275679.raw', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(45, 45, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j5a1/dvcs2016P08.275679-11001-0.stdout.gz', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(46, 46, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j6a1/dvcs2016P08.275679-11002-0.stdout.gz', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(47, 47, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j7a1/dvcs2016P08.275679-11003-0.stdout.gz', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(48, 48, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j8a1/dvcs2016P08.275679-11004-0.stdout.gz', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(36, 36, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j8a1/mDST-275679-11004-0-7.root', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(34, 34, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j6a1/mDST-275679-11002-0-7.root', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(40, 40, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j8a1/275679-11004-0.root', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(37, 37, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j5a1/275679-11001-0.root', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(33, 33, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j5a1/mDST-275679-11001-0-7.root', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(35, 35, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j7a1/mDST-275679-11003-0-7.root', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(38, 38, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j6a1/275679-11002-0.root', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(39, 39, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j7a1/275679-11003-0.root', 'DELETED', '2016-08-01 01:50:00+00', 'ONLINE', '2016-08-01 01:10:00+00', 'service', 0, '2016-08-01 01:15:00+00'),
	(64, 58, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j9a1/dvcs2016P08.275680-11001-0.stdout.gz', 'AVAILABLE', '2016-08-01 02:10:00+00', 'ONLINE', '2016-08-01 02:10:00+00', 'service', 0, '2016-08-01 02:15:00+00'),
	(63, 57, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j9a1/evtdump0-11001-275680.raw', 'AVAILABLE', '2016-08-01 02:10:00+00', 'ONLINE', '2016-08-01 02:10:00+00', 'service', 0, '2016-08-01 02:15:00+00'),
	(61, 55, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j9a1/mDST-275680-11001-0-7.root', 'AVAILABLE', '2016-08-01 02:10:00+00', 'ONLINE', '2016-08-01 02:10:00+00', 'service', 0, '2016-08-01 02:15:00+00'),
	(62, 56, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j9a1/275680-11001-0.root', 'AVAILABLE', '2016-08-01 02:10:00+00', 'ONLINE', '2016-08-01 02:10:00+00', 'service', 0, '2016-08-01 02:15:00+00'),
	(74, 67, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j11a1/dvcs2016P08.275680-11003-0.stdout.gz', 'AVAILABLE', '2016-08-01 02:15:00+00', 'ONLINE', '2016-08-01 02:15:00+00', 'service', 0, '2016-08-01 02:20:00+00'),
	(69, 62, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j12a1/mDST-275680-11004-0-7.root', 'AVAILABLE', '2016-08-01 02:15:00+00', 'ONLINE', '2016-08-01 02:15:00+00', 'service', 0, '2016-08-01 02:20:00+00'),
	(71, 64, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j12a1/275680-11004-0.root', 'AVAILABLE', '2016-08-01 02:15:00+00', 'ONLINE', '2016-08-01 02:15:00+00', 'service', 0, '2016-08-01 02:20:00+00'),
	(68, 61, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j11a1/mDST-275680-11003-0-7.root', 'AVAILABLE', '2016-08-01 02:15:00+00', 'ONLINE', '2016-08-01 02:15:00+00', 'service', 0, '2016-08-01 02:20:00+00'),
	(75, 68, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j12a1/dvcs2016P08.275680-11004-0.stdout.gz', 'AVAILABLE', '2016-08-01 02:15:00+00', 'ONLINE', '2016-08-01 02:15:00+00', 'service', 0, '2016-08-01 02:20:00+00'),
	(72, 65, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j11a1/evtdump0-11003-275680.raw', 'AVAILABLE', '2016-08-01 02:15:00+00', 'ONLINE', '2016-08-01 02:15:00+00', 'service', 0, '2016-08-01 02:20:00+00'),
	(70, 63, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j11a1/275680-11003-0.root', 'AVAILABLE', '2016-08-01 02:15:00+00', 'ONLINE', '2016-08-01 02:15:00+00', 'service', 0, '2016-08-01 02:20:00+00'),
	(73, 66, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j12a1/evtdump0-11004-275680.raw', 'AVAILABLE', '2016-08-01 02:15:00+00', 'ONLINE', '2016-08-01 02:15:00+00', 'service', 0, '2016-08-01 02:20:00+00'),
	(92, 85, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST/j29a1/mDST-275681-0-7.root', 'AVAILABLE', '2016-08-01 03:50:00+00', 'ONLINE', '2016-08-01 03:50:00+00', 'service', 0, '2016-08-01 03:55:00+00'),
	(93, 86, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/histos/j30a1/histsum-275681-0-7.root', 'AVAILABLE', '2016-08-01 03:50:00+00', 'ONLINE', '2016-08-01 03:50:00+00', 'service', 0, '2016-08-01 03:55:00+00'),
	(101, 92, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j10a3/dvcs2016P08.275680-11002-0.stdout.gz', 'AVAILABLE', '2016-08-01 03:55:00+00', 'ONLINE', '2016-08-01 03:55:00+00', 'service', 0, '2016-08-01 04:00:00+00'),
	(95, 88, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logs/j32a1/dvcs2016P08.275681.zip', 'AVAILABLE', '2016-08-01 03:50:00+00', 'ONLINE', '2016-08-01 03:50:00+00', 'service', 0, '2016-08-01 03:55:00+00'),
	(99, 90, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j10a3/275680-11002-0.root', 'AVAILABLE', '2016-08-01 03:55:00+00', 'ONLINE', '2016-08-01 03:55:00+00', 'service', 0, '2016-08-01 04:00:00+00'),
	(94, 87, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mergedDump/j31a1/evtdump0-275681.raw', 'TRASHED', '2016-08-01 03:50:00+00', 'ONLINE', '2016-08-01 03:50:00+00', 'service', 0, '2016-08-01 03:55:00+00'),
	(98, 89, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j10a3/mDST-275680-11002-0-7.root', 'AVAILABLE', '2016-08-01 03:55:00+00', 'ONLINE', '2016-08-01 03:55:00+00', 'service', 0, '2016-08-01 04:00:00+00'),
	(100, 91, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j10a3/evtdump0-11002-275680.raw', 'AVAILABLE', '2016-08-01 03:55:00+00', 'ONLINE', '2016-08-01 03:55:00+00', 'service', 0, '2016-08-01 04:00:00+00'),
	(96, 88, 2, NULL, 'AVAILABLE', '2016-08-01 04:00:00+00', 'ONLINE_AND_NEARLINE', '2016-08-01 04:00:00+00', 'service', 0, '2016-08-01 04:05:00+00'),
	(102, 93, 2, NULL, 'UNVERIFIED', '2016-08-01 04:00:00+00', 'UNKNOWN', NULL, NULL, 0, '2016-08-01 04:00:00+00'),
	(103, 94, 2, '/elsewhere/1', 'UNVERIFIED', '2016-08-01 04:00:00+00', 'UNKNOWN', NULL, NULL, 0, '2016-08-01 04:00:00+00'),
	(104, 95, 2, '/elsewhere/2', 'UNVERIFIED', '2016-08-01 04:00:00+00', 'UNKNOWN', NULL, NULL, 0, '2016-08-01 04:00:00+00'),
	(105, 96, 2, '/elsewhere/3', 'UNVERIFIED', '2016-08-01 04:00:00+00', 'UNKNOWN', NULL, NULL, 0, '2016-08-01 04:00:00+00'),
	(91, 84, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j16a1/dvcs2016P08.275681-11004-0.stdout.gz', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(81, 74, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j14a1/275681-11002-0.root', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(89, 82, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j14a1/dvcs2016P08.275681-11002-0.stdout.gz', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(87, 80, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j16a1/evtdump0-11004-275681.raw', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(88, 81, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j13a1/dvcs2016P08.275681-11001-0.stdout.gz', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(82, 75, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j15a1/275681-11003-0.root', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(83, 76, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/TRAFDIC/j16a1/275681-11004-0.root', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(90, 83, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/logFiles/j15a1/dvcs2016P08.275681-11003-0.stdout.gz', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(76, 69, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/mDST.chunks/j13a1/mDST-275681-11001-0-7.root', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(86, 79, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j15a1/evtdump0-11003-275681.raw', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(84, 77, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j13a1/evtdump0-11001-275681.raw', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(85, 78, 1, '/eos/experiment/compass/generalprod/dvcs2016P08t1/evtdump/j14a1/evtdump0-11002-275681.raw', 'AVAILABLE', '2016-08-01 03:20:00+00', 'ONLINE', '2016-08-01 03:20:00+00', 'service', 0, '2016-08-01 03:25:00+00'),
	(97, 59, 2, NULL, 'AVAILABLE', '2016-08-01 04:00:00+00', 'ONLINE_AND_NEARLINE', '2016-08-01 04:00:00+00', 'service', 0, '2016-08-01 04:05:00+00');
INSERT INTO public.request VALUES
	(1, 'stage', 2, 'stage-1', 'request-1', '2016-08-01 00:00:00+00'),
	(2, 'stage', 2, 'stage-2', 'request-2', '2016-08-01 00:35:00+00'),
	(3, 'stage', 2, 'stage-3', 'request-3', '2016-08-01 01:10:00+00'),
	(4, 'copy', 2, 'copy-4', NULL, '2016-08-01 01:40:00+00'),
	(5, 'copy', 2, 'copy-5', NULL, '2016-08-01 01:45:00+00'),
	(6, 'remove', 1, 'remove-6', NULL, '2016-08-01 01:50:00+00'),
	(7, 'copy', 2, 'copy-7', NULL, '2016-08-01 02:10:00+00'),
	(8, 'stage', 2, 'stage-8', 'request-4', '2016-08-01 02:45:00+00'),
	(9, 'stage', 2, 'stage-9', 'request-5', '2016-08-01 03:20:00+00'),
	(10, 'copy', 2, 'copy-10', NULL, '2016-08-01 03:50:00+00'),
	(11, 'copy', 2, 'copy-11', NULL, '2016-08-01 03:50:00+00');
INSERT INTO public.tally VALUES
	('file', 1, 275678, 'raw', 'raw', 0, 'COMPLETE', 727, 4, 3385830000, 74537, 1),
	('replica', 1, 275678, 'raw', 'raw', 2, 'UNVERIFIED', 727, 4, 3385830000, 0, 0),
	('file', 1, 275679, 'raw', 'raw', 0, 'COMPLETE', 727, 4, 3680215000, 105149, 0),
	('replica', 1, 275679, 'raw', 'raw', 2, 'UNVERIFIED', 727, 4, 3680215000, 0, 0),
	('file', 1, 275680, 'raw', 'raw', 0, 'COMPLETE', 727, 4, 3471580000, 99188, 0),
	('replica', 1, 275680, 'raw', 'raw', 2, 'UNVERIFIED', 727, 4, 3471580000, 0, 0),
	('file', 1, 275681, 'raw', 'raw', 0, 'COMPLETE', 727, 4, 3636220000, 103892, 0),
	('replica', 1, 275681, 'raw', 'raw', 2, 'UNVERIFIED', 727, 4, 3636220000, 0, 0),
	('file', 1, 275682, 'raw', 'raw', 0, 'COMPLETE', 727, 4, 2509294096, 71694, 0),
	('replica', 1, 275682, 'raw', 'raw', 2, 'UNVERIFIED', 727, 4, 2509294096, 0, 0),
	('replica', 1, 275681, 'raw', 'raw', 2, 'AVAILABLE', 729, 4, 3636220000, 0, 0),
	('replica', 1, 275681, 'raw', 'raw', 2, 'UNVERIFIED', 729, -4, -3636220000, 0, 0),
	('replica', 1, 275678, 'raw', 'raw', 2, 'AVAILABLE', 729, 4, 3385830000, 0, 0),
	('replica', 1, 275678, 'raw', 'raw', 2, 'UNVERIFIED', 729, -4, -3385830000, 0, 0),
	('replica', 1, 275679, 'raw', 'raw', 2, 'AVAILABLE', 729, 4, 3680215000, 0, 0),
	('replica', 1, 275679, 'raw', 'raw', 2, 'UNVERIFIED', 729, -4, -3680215000, 0, 0),
	('replica', 1, 275680, 'raw', 'raw', 2, 'AVAILABLE', 729, 4, 3471580000, 0, 0),
	('replica', 1, 275680, 'raw', 'raw', 2, 'UNVERIFIED', 729, -4, -3471580000, 0, 0),
	('replica', 1, 275682, 'raw', 'raw', 2, 'AVAILABLE', 729, 4, 2509294096, 0, 0),
	('replica', 1, 275682, 'raw', 'raw', 2, 'UNVERIFIED', 729, -4, -2509294096, 0, 0),
	('job', 1, 275682, '', 'process', 0, 'WAITING', 730, 4, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'WAITING', 730, 4, 0, 0, 0),
	('job', 1, 275679, '', 'process', 0, 'WAITING', 730, 4, 0, 0, 0),
	('job', 1, 275678, '', 'process', 0, 'WAITING', 730, 4, 0, 0, 0),
	('job', 1, 275681, '', 'process', 0, 'WAITING', 730, 4, 0, 0, 0),
	('job', 1, 275678, '', 'process', 0, 'READY', 736, 3, 0, 0, 0),
	('job', 1, 275678, '', 'process', 0, 'WAITING', 736, -3, 0, 0, 0),
	('job', 1, 275678, '', 'process', 0, 'SUBMITTING', 737, 3, 0, 0, 0),
	('job', 1, 275678, '', 'process', 0, 'READY', 737, -3, 0, 0, 0),
	('job', 1, 275678, '', 'process', 0, 'RUNNING', 738, 3, 0, 0, 0),
	('job', 1, 275678, '', 'process', 0, 'SUBMITTING', 738, -3, 0, 0, 0),
	('job', 1, 275678, '', 'process', 0, 'RUNNING', 743, -3, 0, 0, 0),
	('file', 2, 275678, 'intermediate', 'mDST', 0, 'COMPLETE', 743, 3, 29023600, 72559, 0),
	('replica', 2, 275678, 'intermediate', 'mDST', 1, 'UNVERIFIED', 743, 3, 29023600, 0, 0),
	('file', 3, 275678, 'intermediate', 'hist', 0, 'COMPLETE', 743, 3, 1451180, 72559, 0),
	('replica', 3, 275678, 'intermediate', 'hist', 1, 'UNVERIFIED', 743, 3, 1451180, 0, 0),
	('file', 4, 275678, 'intermediate', 'evtdump', 0, 'COMPLETE', 743, 3, 25392500, 7255, 0),
	('replica', 4, 275678, 'intermediate', 'evtdump', 1, 'UNVERIFIED', 743, 3, 25392500, 0, 0),
	('file', 5, 275678, 'intermediate', 'logs', 0, 'COMPLETE', 743, 3, 30, 0, 3),
	('replica', 5, 275678, 'intermediate', 'logs', 1, 'UNVERIFIED', 743, 3, 30, 0, 0),
	('file', 1, 275678, 'raw', 'raw', 0, 'COMPLETE', 743, 0, 0, 22201, -1),
	('job', 1, 275678, '', 'process', 0, 'DONE', 743, 3, 0, 0, 0),
	('job', 1, 275678, '', 'process', 0, 'ENDED', 743, 0, 0, 0, 0),
	('replica', 2, 275678, 'intermediate', 'mDST', 1, 'AVAILABLE', 752, 3, 29023600, 0, 0),
	('replica', 2, 275678, 'intermediate', 'mDST', 1, 'UNVERIFIED', 752, -3, -29023600, 0, 0),
	('replica', 5, 275678, 'intermediate', 'logs', 1, 'AVAILABLE', 752, 3, 30, 0, 0),
	('replica', 5, 275678, 'intermediate', 'logs', 1, 'UNVERIFIED', 752, -3, -30, 0, 0),
	('replica', 4, 275678, 'intermediate', 'evtdump', 1, 'AVAILABLE', 752, 3, 25392500, 0, 0),
	('replica', 4, 275678, 'intermediate', 'evtdump', 1, 'UNVERIFIED', 752, -3, -25392500, 0, 0),
	('replica', 3, 275678, 'intermediate', 'hist', 1, 'AVAILABLE', 752, 3, 1451180, 0, 0),
	('replica', 3, 275678, 'intermediate', 'hist', 1, 'UNVERIFIED', 752, -3, -1451180, 0, 0),
	('job', 1, 275679, '', 'process', 0, 'READY', 755, 4, 0, 0, 0),
	('job', 1, 275679, '', 'process', 0, 'WAITING', 755, -4, 0, 0, 0),
	('job', 1, 275679, '', 'process', 0, 'SUBMITTING', 756, 4, 0, 0, 0),
	('job', 1, 275679, '', 'process', 0, 'READY', 756, -4, 0, 0, 0),
	('job', 1, 275679, '', 'process', 0, 'RUNNING', 757, 4, 0, 0, 0),
	('job', 1, 275679, '', 'process', 0, 'SUBMITTING', 757, -4, 0, 0, 0),
	('job', 1, 275679, '', 'process', 0, 'RUNNING', 758, -4, 0, 0, 0),
	('file', 2, 275679, 'intermediate', 'mDST', 0, 'COMPLETE', 758, 4, 42059600, 105149, 0),
	('replica', 2, 275679, 'intermediate', 'mDST', 1, 'UNVERIFIED', 758, 4, 42059600, 0, 0),
	('file', 3, 275679, 'intermediate', 'hist', 0, 'COMPLETE', 758, 4, 2102980, 105149, 0),
	('replica', 3, 275679, 'intermediate', 'hist', 1, 'UNVERIFIED', 758, 4, 2102980, 0, 0),
	('job', 1, 275679, '', 'process', 0, 'ENDED', 758, 0, 0, 0, 0),
	('group', 1, 275679, '', 'hist', 0, 'PLANNED', 768, 0, 0, 0, 0),
	('file', 4, 275679, 'intermediate', 'evtdump', 0, 'COMPLETE', 758, 4, 36795500, 10513, 0),
	('replica', 4, 275679, 'intermediate', 'evtdump', 1, 'UNVERIFIED', 758, 4, 36795500, 0, 0),
	('file', 5, 275679, 'intermediate', 'logs', 0, 'COMPLETE', 758, 4, 40, 0, 4),
	('replica', 5, 275679, 'intermediate', 'logs', 1, 'UNVERIFIED', 758, 4, 40, 0, 0),
	('file', 1, 275679, 'raw', 'raw', 0, 'COMPLETE', 758, 0, 0, 0, 0),
	('job', 1, 275679, '', 'process', 0, 'DONE', 758, 4, 0, 0, 0),
	('job', 1, 275679, '', 'merge', 0, 'WAITING', 767, 1, 0, 0, 0),
	('group', 1, 275679, '', 'mDST', 0, 'MERGING', 767, 1, 42059600, 0, 0),
	('group', 1, 275679, '', 'mDST', 0, 'PLANNED', 767, 0, 0, 0, 0),
	('job', 1, 275679, '', 'merge', 0, 'WAITING', 769, 1, 0, 0, 0),
	('group', 1, 275679, '', 'evtdump', 0, 'MERGING', 769, 1, 36795500, 0, 0),
	('group', 1, 275679, '', 'evtdump', 0, 'PLANNED', 769, 0, 0, 0, 0),
	('job', 1, 275679, '', 'merge', 0, 'READY', 773, 4, 0, 0, 0),
	('job', 1, 275679, '', 'merge', 0, 'WAITING', 773, -4, 0, 0, 0),
	('job', 1, 275678, '', 'process', 0, 'CANCELED', 776, 1, 0, 0, 0),
	('job', 1, 275678, '', 'process', 0, 'WAITING', 776, -1, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'WAITING', 778, 1, 0, 0, 0),
	('group', 1, 275678, '', 'hist', 0, 'MERGING', 778, 1, 1451180, 0, 0),
	('group', 1, 275678, '', 'hist', 0, 'PLANNED', 778, 0, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'WAITING', 780, 1, 0, 0, 0),
	('group', 1, 275678, '', 'logs', 0, 'MERGING', 780, 1, 30, 0, 0),
	('group', 1, 275678, '', 'logs', 0, 'PLANNED', 780, 0, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'READY', 782, 4, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'WAITING', 782, -4, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'READY', 782, 4, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'WAITING', 782, -4, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'SUBMITTING', 794, 2, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'READY', 794, -2, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'SUBMITTING', 794, 2, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'READY', 794, -2, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'RUNNING', 795, 2, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'SUBMITTING', 795, -2, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'RUNNING', 795, 2, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'SUBMITTING', 795, -2, 0, 0, 0),
	('replica', 6, 275679, 'final', 'mDST', 2, 'ARCHIVING', 801, 1, 42059600, 0, 0),
	('replica', 6, 275679, 'final', 'mDST', 2, 'UNVERIFIED', 801, -1, -42059600, 0, 0),
	('replica', 7, 275679, 'final', 'hist', 2, 'ARCHIVING', 801, 1, 2102980, 0, 0),
	('replica', 7, 275679, 'final', 'hist', 2, 'UNVERIFIED', 801, -1, -2102980, 0, 0),
	('replica', 8, 275679, 'final', 'evtdump', 2, 'ARCHIVING', 801, 1, 36795500, 0, 0),
	('replica', 8, 275679, 'final', 'evtdump', 2, 'UNVERIFIED', 801, -1, -36795500, 0, 0),
	('replica', 9, 275679, 'final', 'logs', 2, 'ARCHIVING', 801, 1, 40, 0, 0),
	('replica', 9, 275679, 'final', 'logs', 2, 'UNVERIFIED', 801, -1, -40, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'RUNNING', 803, -2, 0, 0, 0),
	('file', 6, 275678, 'final', 'mDST', 0, 'COMPLETE', 803, 1, 29023600, 72559, 0),
	('replica', 6, 275678, 'final', 'mDST', 1, 'UNVERIFIED', 803, 1, 29023600, 0, 0),
	('file', 7, 275678, 'final', 'hist', 0, 'COMPLETE', 803, 1, 1451180, 72559, 0),
	('replica', 7, 275678, 'final', 'hist', 1, 'UNVERIFIED', 803, 1, 1451180, 0, 0),
	('group', 1, 275678, '', 'hist', 0, 'MERGED', 803, 1, 1451180, 0, 0),
	('group', 1, 275678, '', 'hist', 0, 'MERGING', 803, -1, -1451180, 0, 0),
	('group', 1, 275678, '', 'mDST', 0, 'MERGED', 803, 1, 29023600, 0, 0),
	('group', 1, 275678, '', 'mDST', 0, 'MERGING', 803, -1, -29023600, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'DONE', 803, 2, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'ENDED', 803, 0, 0, 0, 0),
	('replica', 6, 275678, 'final', 'mDST', 1, 'AVAILABLE', 808, 1, 29023600, 0, 0),
	('replica', 6, 275678, 'final', 'mDST', 1, 'UNVERIFIED', 808, -1, -29023600, 0, 0),
	('replica', 7, 275678, 'final', 'hist', 1, 'AVAILABLE', 808, 1, 1451180, 0, 0),
	('replica', 7, 275678, 'final', 'hist', 1, 'UNVERIFIED', 808, -1, -1451180, 0, 0),
	('group', 1, 275678, '', 'hist', 0, 'CHECKED', 809, 1, 1451180, 0, 0),
	('group', 1, 275678, '', 'hist', 0, 'MERGED', 809, -1, -1451180, 0, 0),
	('group', 1, 275678, '', 'mDST', 0, 'CHECKED', 809, 1, 29023600, 0, 0),
	('group', 1, 275678, '', 'mDST', 0, 'MERGED', 809, -1, -29023600, 0, 0),
	('replica', 6, 275678, 'final', 'mDST', 2, 'COPYING', 810, 1, 29023600, 0, 0),
	('job', 1, 275679, '', 'merge', 0, 'WAITING', 768, 1, 0, 0, 0),
	('group', 1, 275679, '', 'hist', 0, 'MERGING', 768, 1, 2102980, 0, 0),
	('job', 1, 275679, '', 'merge', 0, 'WAITING', 770, 1, 0, 0, 0),
	('group', 1, 275679, '', 'logs', 0, 'MERGING', 770, 1, 40, 0, 0),
	('group', 1, 275679, '', 'logs', 0, 'PLANNED', 770, 0, 0, 0, 0),
	('replica', 3, 275679, 'intermediate', 'hist', 1, 'AVAILABLE', 771, 4, 2102980, 0, 0),
	('replica', 3, 275679, 'intermediate', 'hist', 1, 'UNVERIFIED', 771, -4, -2102980, 0, 0),
	('replica', 2, 275679, 'intermediate', 'mDST', 1, 'AVAILABLE', 771, 4, 42059600, 0, 0),
	('replica', 2, 275679, 'intermediate', 'mDST', 1, 'UNVERIFIED', 771, -4, -42059600, 0, 0),
	('replica', 5, 275679, 'intermediate', 'logs', 1, 'AVAILABLE', 771, 4, 40, 0, 0),
	('replica', 5, 275679, 'intermediate', 'logs', 1, 'UNVERIFIED', 771, -4, -40, 0, 0),
	('replica', 4, 275679, 'intermediate', 'evtdump', 1, 'AVAILABLE', 771, 4, 36795500, 0, 0),
	('replica', 4, 275679, 'intermediate', 'evtdump', 1, 'UNVERIFIED', 771, -4, -36795500, 0, 0),
	('job', 1, 275679, '', 'merge', 0, 'SUBMITTING', 774, 4, 0, 0, 0),
	('job', 1, 275679, '', 'merge', 0, 'READY', 774, -4, 0, 0, 0),
	('job', 1, 275679, '', 'merge', 0, 'RUNNING', 775, 4, 0, 0, 0),
	('job', 1, 275679, '', 'merge', 0, 'SUBMITTING', 775, -4, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'WAITING', 777, 1, 0, 0, 0),
	('group', 1, 275678, '', 'mDST', 0, 'MERGING', 777, 1, 29023600, 0, 0),
	('group', 1, 275678, '', 'mDST', 0, 'PLANNED', 777, 0, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'WAITING', 779, 1, 0, 0, 0),
	('group', 1, 275678, '', 'evtdump', 0, 'MERGING', 779, 1, 25392500, 0, 0),
	('group', 1, 275678, '', 'evtdump', 0, 'PLANNED', 779, 0, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'SUBMITTING', 783, 2, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'READY', 783, -2, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'RUNNING', 784, 2, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'SUBMITTING', 784, -2, 0, 0, 0),
	('job', 1, 275679, '', 'merge', 0, 'RUNNING', 789, -4, 0, 0, 0),
	('file', 6, 275679, 'final', 'mDST', 0, 'COMPLETE', 789, 1, 42059600, 105149, 0),
	('replica', 6, 275679, 'final', 'mDST', 1, 'UNVERIFIED', 789, 1, 42059600, 0, 0),
	('file', 7, 275679, 'final', 'hist', 0, 'COMPLETE', 789, 1, 2102980, 105149, 0),
	('replica', 7, 275679, 'final', 'hist', 1, 'UNVERIFIED', 789, 1, 2102980, 0, 0),
	('file', 8, 275679, 'final', 'evtdump', 0, 'COMPLETE', 789, 1, 36795500, 10513, 0),
	('replica', 8, 275679, 'final', 'evtdump', 1, 'UNVERIFIED', 789, 1, 36795500, 0, 0),
	('file', 9, 275679, 'final', 'logs', 0, 'COMPLETE', 789, 1, 40, 0, 1),
	('replica', 9, 275679, 'final', 'logs', 1, 'UNVERIFIED', 789, 1, 40, 0, 0),
	('group', 1, 275679, '', 'evtdump', 0, 'MERGED', 789, 1, 36795500, 0, 0),
	('group', 1, 275679, '', 'evtdump', 0, 'MERGING', 789, -1, -36795500, 0, 0),
	('group', 1, 275679, '', 'hist', 0, 'MERGED', 789, 1, 2102980, 0, 0),
	('group', 1, 275679, '', 'hist', 0, 'MERGING', 789, -1, -2102980, 0, 0),
	('group', 1, 275679, '', 'logs', 0, 'MERGED', 789, 1, 40, 0, 0),
	('group', 1, 275679, '', 'logs', 0, 'MERGING', 789, -1, -40, 0, 0),
	('group', 1, 275679, '', 'mDST', 0, 'MERGED', 789, 1, 42059600, 0, 0),
	('group', 1, 275679, '', 'mDST', 0, 'MERGING', 789, -1, -42059600, 0, 0),
	('job', 1, 275679, '', 'merge', 0, 'DONE', 789, 4, 0, 0, 0),
	('job', 1, 275679, '', 'merge', 0, 'ENDED', 789, 0, 0, 0, 0),
	('replica', 6, 275679, 'final', 'mDST', 1, 'AVAILABLE', 796, 1, 42059600, 0, 0),
	('replica', 6, 275679, 'final', 'mDST', 1, 'UNVERIFIED', 796, -1, -42059600, 0, 0),
	('replica', 7, 275679, 'final', 'hist', 1, 'AVAILABLE', 796, 1, 2102980, 0, 0),
	('replica', 7, 275679, 'final', 'hist', 1, 'UNVERIFIED', 796, -1, -2102980, 0, 0),
	('replica', 8, 275679, 'final', 'evtdump', 1, 'AVAILABLE', 796, 1, 36795500, 0, 0),
	('replica', 8, 275679, 'final', 'evtdump', 1, 'UNVERIFIED', 796, -1, -36795500, 0, 0),
	('replica', 9, 275679, 'final', 'logs', 1, 'AVAILABLE', 796, 1, 40, 0, 0),
	('replica', 9, 275679, 'final', 'logs', 1, 'UNVERIFIED', 796, -1, -40, 0, 0),
	('group', 1, 275679, '', 'evtdump', 0, 'CHECKED', 797, 1, 36795500, 0, 0),
	('group', 1, 275679, '', 'evtdump', 0, 'MERGED', 797, -1, -36795500, 0, 0),
	('group', 1, 275679, '', 'hist', 0, 'CHECKED', 797, 1, 2102980, 0, 0),
	('group', 1, 275679, '', 'hist', 0, 'MERGED', 797, -1, -2102980, 0, 0),
	('group', 1, 275679, '', 'logs', 0, 'CHECKED', 797, 1, 40, 0, 0),
	('group', 1, 275679, '', 'logs', 0, 'MERGED', 797, -1, -40, 0, 0),
	('group', 1, 275679, '', 'mDST', 0, 'CHECKED', 797, 1, 42059600, 0, 0),
	('group', 1, 275679, '', 'mDST', 0, 'MERGED', 797, -1, -42059600, 0, 0),
	('replica', 6, 275679, 'final', 'mDST', 2, 'COPYING', 798, 1, 42059600, 0, 0),
	('replica', 7, 275679, 'final', 'hist', 2, 'COPYING', 798, 1, 2102980, 0, 0),
	('replica', 8, 275679, 'final', 'evtdump', 2, 'COPYING', 798, 1, 36795500, 0, 0),
	('replica', 9, 275679, 'final', 'logs', 2, 'COPYING', 798, 1, 40, 0, 0),
	('replica', 6, 275679, 'final', 'mDST', 2, 'UNVERIFIED', 800, 1, 42059600, 0, 0),
	('replica', 6, 275679, 'final', 'mDST', 2, 'COPYING', 800, -1, -42059600, 0, 0),
	('replica', 7, 275679, 'final', 'hist', 2, 'UNVERIFIED', 800, 1, 2102980, 0, 0),
	('replica', 7, 275679, 'final', 'hist', 2, 'COPYING', 800, -1, -2102980, 0, 0),
	('replica', 8, 275679, 'final', 'evtdump', 2, 'UNVERIFIED', 800, 1, 36795500, 0, 0),
	('replica', 8, 275679, 'final', 'evtdump', 2, 'COPYING', 800, -1, -36795500, 0, 0),
	('replica', 9, 275679, 'final', 'logs', 2, 'UNVERIFIED', 800, 1, 40, 0, 0),
	('replica', 9, 275679, 'final', 'logs', 2, 'COPYING', 800, -1, -40, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'SUBMITTING', 806, 2, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'READY', 806, -2, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'RUNNING', 807, 2, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'SUBMITTING', 807, -2, 0, 0, 0),
	('replica', 6, 275678, 'final', 'mDST', 2, 'ARCHIVING', 813, 1, 29023600, 0, 0),
	('replica', 6, 275678, 'final', 'mDST', 2, 'UNVERIFIED', 813, -1, -29023600, 0, 0),
	('replica', 7, 275678, 'final', 'hist', 2, 'ARCHIVING', 813, 1, 1451180, 0, 0),
	('replica', 7, 275678, 'final', 'hist', 2, 'UNVERIFIED', 813, -1, -1451180, 0, 0),
	('replica', 3, 275679, 'intermediate', 'hist', 1, 'TRASHED', 816, 4, 2102980, 0, 0),
	('replica', 3, 275679, 'intermediate', 'hist', 1, 'AVAILABLE', 816, -4, -2102980, 0, 0),
	('replica', 2, 275679, 'intermediate', 'mDST', 1, 'TRASHED', 816, 4, 42059600, 0, 0),
	('replica', 2, 275679, 'intermediate', 'mDST', 1, 'AVAILABLE', 816, -4, -42059600, 0, 0),
	('replica', 5, 275679, 'intermediate', 'logs', 1, 'TRASHED', 816, 4, 40, 0, 0),
	('replica', 5, 275679, 'intermediate', 'logs', 1, 'AVAILABLE', 816, -4, -40, 0, 0),
	('replica', 4, 275679, 'intermediate', 'evtdump', 1, 'TRASHED', 816, 4, 36795500, 0, 0),
	('replica', 4, 275679, 'intermediate', 'evtdump', 1, 'AVAILABLE', 816, -4, -36795500, 0, 0),
	('replica', 3, 275679, 'intermediate', 'hist', 1, 'DELETED', 819, 4, 2102980, 0, 0),
	('replica', 3, 275679, 'intermediate', 'hist', 1, 'DELETING', 819, -4, -2102980, 0, 0),
	('replica', 2, 275679, 'intermediate', 'mDST', 1, 'DELETED', 819, 4, 42059600, 0, 0),
	('replica', 2, 275679, 'intermediate', 'mDST', 1, 'DELETING', 819, -4, -42059600, 0, 0),
	('replica', 5, 275679, 'intermediate', 'logs', 1, 'DELETED', 819, 4, 40, 0, 0),
	('replica', 5, 275679, 'intermediate', 'logs', 1, 'DELETING', 819, -4, -40, 0, 0),
	('replica', 4, 275679, 'intermediate', 'evtdump', 1, 'DELETED', 819, 4, 36795500, 0, 0),
	('replica', 4, 275679, 'intermediate', 'evtdump', 1, 'DELETING', 819, -4, -36795500, 0, 0),
	('replica', 6, 275678, 'final', 'mDST', 2, 'AVAILABLE', 821, 1, 29023600, 0, 0),
	('replica', 6, 275678, 'final', 'mDST', 2, 'ARCHIVING', 821, -1, -29023600, 0, 0),
	('replica', 7, 275678, 'final', 'hist', 2, 'AVAILABLE', 821, 1, 1451180, 0, 0),
	('replica', 7, 275678, 'final', 'hist', 2, 'ARCHIVING', 821, -1, -1451180, 0, 0),
	('group', 1, 275678, '', 'hist', 0, 'ARCHIVED', 822, 1, 1451180, 0, 0),
	('group', 1, 275678, '', 'hist', 0, 'CHECKED', 822, -1, -1451180, 0, 0),
	('group', 1, 275678, '', 'mDST', 0, 'ARCHIVED', 822, 1, 29023600, 0, 0),
	('group', 1, 275678, '', 'mDST', 0, 'CHECKED', 822, -1, -29023600, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'RUNNING', 823, -2, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'RUNNING', 823, -1, 0, 0, 0),
	('file', 2, 275680, 'intermediate', 'mDST', 0, 'COMPLETE', 823, 1, 10487600, 26219, 0),
	('replica', 2, 275680, 'intermediate', 'mDST', 1, 'UNVERIFIED', 823, 1, 10487600, 0, 0),
	('file', 3, 275680, 'intermediate', 'hist', 0, 'COMPLETE', 823, 1, 524380, 26219, 0),
	('replica', 3, 275680, 'intermediate', 'hist', 1, 'UNVERIFIED', 823, 1, 524380, 0, 0),
	('file', 4, 275680, 'intermediate', 'evtdump', 0, 'COMPLETE', 823, 1, 9173500, 2621, 0),
	('replica', 4, 275680, 'intermediate', 'evtdump', 1, 'UNVERIFIED', 823, 1, 9173500, 0, 0),
	('file', 5, 275680, 'intermediate', 'logs', 0, 'COMPLETE', 823, 1, 10, 0, 1),
	('replica', 5, 275680, 'intermediate', 'logs', 1, 'UNVERIFIED', 823, 1, 10, 0, 0),
	('file', 8, 275678, 'final', 'evtdump', 0, 'COMPLETE', 823, 1, 25392500, 7254, 0),
	('replica', 8, 275678, 'final', 'evtdump', 1, 'UNVERIFIED', 823, 1, 25392500, 0, 0),
	('file', 9, 275678, 'final', 'logs', 0, 'COMPLETE', 823, 1, 30, 0, 1),
	('replica', 9, 275678, 'final', 'logs', 1, 'UNVERIFIED', 823, 1, 30, 0, 0),
	('file', 1, 275680, 'raw', 'raw', 0, 'COMPLETE', 823, 0, 0, 0, 0),
	('group', 1, 275678, '', 'evtdump', 0, 'MERGED', 823, 1, 25392500, 0, 0),
	('group', 1, 275678, '', 'evtdump', 0, 'MERGING', 823, -1, -25392500, 0, 0),
	('group', 1, 275678, '', 'logs', 0, 'MERGED', 823, 1, 30, 0, 0),
	('group', 1, 275678, '', 'logs', 0, 'MERGING', 823, -1, -30, 0, 0),
	('replica', 7, 275678, 'final', 'hist', 2, 'COPYING', 810, 1, 1451180, 0, 0),
	('replica', 6, 275678, 'final', 'mDST', 2, 'UNVERIFIED', 812, 1, 29023600, 0, 0),
	('replica', 6, 275678, 'final', 'mDST', 2, 'COPYING', 812, -1, -29023600, 0, 0),
	('replica', 7, 275678, 'final', 'hist', 2, 'UNVERIFIED', 812, 1, 1451180, 0, 0),
	('replica', 7, 275678, 'final', 'hist', 2, 'COPYING', 812, -1, -1451180, 0, 0),
	('replica', 6, 275679, 'final', 'mDST', 2, 'AVAILABLE', 814, 1, 42059600, 0, 0),
	('replica', 6, 275679, 'final', 'mDST', 2, 'ARCHIVING', 814, -1, -42059600, 0, 0),
	('replica', 7, 275679, 'final', 'hist', 2, 'AVAILABLE', 814, 1, 2102980, 0, 0),
	('replica', 7, 275679, 'final', 'hist', 2, 'ARCHIVING', 814, -1, -2102980, 0, 0),
	('replica', 8, 275679, 'final', 'evtdump', 2, 'AVAILABLE', 814, 1, 36795500, 0, 0),
	('replica', 8, 275679, 'final', 'evtdump', 2, 'ARCHIVING', 814, -1, -36795500, 0, 0),
	('replica', 9, 275679, 'final', 'logs', 2, 'AVAILABLE', 814, 1, 40, 0, 0),
	('replica', 9, 275679, 'final', 'logs', 2, 'ARCHIVING', 814, -1, -40, 0, 0),
	('group', 1, 275679, '', 'evtdump', 0, 'ARCHIVED', 815, 1, 36795500, 0, 0),
	('group', 1, 275679, '', 'evtdump', 0, 'CHECKED', 815, -1, -36795500, 0, 0),
	('group', 1, 275679, '', 'hist', 0, 'ARCHIVED', 815, 1, 2102980, 0, 0),
	('group', 1, 275679, '', 'hist', 0, 'CHECKED', 815, -1, -2102980, 0, 0),
	('group', 1, 275679, '', 'logs', 0, 'ARCHIVED', 815, 1, 40, 0, 0),
	('group', 1, 275679, '', 'logs', 0, 'CHECKED', 815, -1, -40, 0, 0),
	('group', 1, 275679, '', 'mDST', 0, 'ARCHIVED', 815, 1, 42059600, 0, 0),
	('group', 1, 275679, '', 'mDST', 0, 'CHECKED', 815, -1, -42059600, 0, 0),
	('replica', 3, 275679, 'intermediate', 'hist', 1, 'DELETING', 818, 4, 2102980, 0, 0),
	('replica', 3, 275679, 'intermediate', 'hist', 1, 'TRASHED', 818, -4, -2102980, 0, 0),
	('replica', 2, 275679, 'intermediate', 'mDST', 1, 'DELETING', 818, 4, 42059600, 0, 0),
	('replica', 2, 275679, 'intermediate', 'mDST', 1, 'TRASHED', 818, -4, -42059600, 0, 0),
	('replica', 5, 275679, 'intermediate', 'logs', 1, 'DELETING', 818, 4, 40, 0, 0),
	('replica', 5, 275679, 'intermediate', 'logs', 1, 'TRASHED', 818, -4, -40, 0, 0),
	('replica', 4, 275679, 'intermediate', 'evtdump', 1, 'DELETING', 818, 4, 36795500, 0, 0),
	('replica', 4, 275679, 'intermediate', 'evtdump', 1, 'TRASHED', 818, -4, -36795500, 0, 0),
	('group', 1, 275679, '', 'evtdump', 0, 'CLEANED', 820, 1, 36795500, 0, 0),
	('group', 1, 275679, '', 'evtdump', 0, 'ARCHIVED', 820, -1, -36795500, 0, 0),
	('group', 1, 275679, '', 'hist', 0, 'CLEANED', 820, 1, 2102980, 0, 0),
	('group', 1, 275679, '', 'hist', 0, 'ARCHIVED', 820, -1, -2102980, 0, 0),
	('group', 1, 275679, '', 'logs', 0, 'CLEANED', 820, 1, 40, 0, 0),
	('group', 1, 275679, '', 'logs', 0, 'ARCHIVED', 820, -1, -40, 0, 0),
	('group', 1, 275679, '', 'mDST', 0, 'CLEANED', 820, 1, 42059600, 0, 0),
	('group', 1, 275679, '', 'mDST', 0, 'ARCHIVED', 820, -1, -42059600, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'WAITING', 830, 1, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'RUNNING', 830, -1, 0, 0, 0),
	('replica', 2, 275680, 'intermediate', 'mDST', 1, 'AVAILABLE', 833, 1, 10487600, 0, 0),
	('replica', 2, 275680, 'intermediate', 'mDST', 1, 'UNVERIFIED', 833, -1, -10487600, 0, 0),
	('replica', 3, 275680, 'intermediate', 'hist', 1, 'AVAILABLE', 833, 1, 524380, 0, 0),
	('replica', 3, 275680, 'intermediate', 'hist', 1, 'UNVERIFIED', 833, -1, -524380, 0, 0),
	('replica', 4, 275680, 'intermediate', 'evtdump', 1, 'AVAILABLE', 833, 1, 9173500, 0, 0),
	('replica', 4, 275680, 'intermediate', 'evtdump', 1, 'UNVERIFIED', 833, -1, -9173500, 0, 0),
	('replica', 5, 275680, 'intermediate', 'logs', 1, 'AVAILABLE', 833, 1, 10, 0, 0),
	('replica', 5, 275680, 'intermediate', 'logs', 1, 'UNVERIFIED', 833, -1, -10, 0, 0),
	('replica', 8, 275678, 'final', 'evtdump', 1, 'AVAILABLE', 833, 1, 25392500, 0, 0),
	('replica', 8, 275678, 'final', 'evtdump', 1, 'UNVERIFIED', 833, -1, -25392500, 0, 0),
	('replica', 9, 275678, 'final', 'logs', 1, 'AVAILABLE', 833, 1, 30, 0, 0),
	('replica', 9, 275678, 'final', 'logs', 1, 'UNVERIFIED', 833, -1, -30, 0, 0),
	('group', 1, 275678, '', 'logs', 0, 'CHECKED', 834, 1, 30, 0, 0),
	('group', 1, 275678, '', 'logs', 0, 'MERGED', 834, -1, -30, 0, 0),
	('group', 1, 275678, '', 'evtdump', 0, 'MISMATCHED', 834, 1, 25392500, 0, 0),
	('group', 1, 275678, '', 'evtdump', 0, 'MERGED', 834, -1, -25392500, 0, 0),
	('replica', 9, 275678, 'final', 'logs', 2, 'COPYING', 835, 1, 30, 0, 0),
	('replica', 9, 275678, 'final', 'logs', 2, 'UNVERIFIED', 837, 1, 30, 0, 0),
	('replica', 9, 275678, 'final', 'logs', 2, 'COPYING', 837, -1, -30, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'READY', 847, 1, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'WAITING', 847, -1, 0, 0, 0),
	('replica', 3, 275680, 'intermediate', 'hist', 1, 'AVAILABLE', 850, 2, 990600, 0, 0),
	('replica', 3, 275680, 'intermediate', 'hist', 1, 'UNVERIFIED', 850, -2, -990600, 0, 0),
	('replica', 2, 275680, 'intermediate', 'mDST', 1, 'AVAILABLE', 850, 2, 19812000, 0, 0),
	('replica', 2, 275680, 'intermediate', 'mDST', 1, 'UNVERIFIED', 850, -2, -19812000, 0, 0),
	('replica', 5, 275680, 'intermediate', 'logs', 1, 'AVAILABLE', 850, 2, 20, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'DONE', 823, 2, 0, 0, 0),
	('job', 1, 275678, '', 'merge', 0, 'ENDED', 823, 0, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'DONE', 823, 1, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'ENDED', 823, 0, 0, 0, 0),
	('replica', 9, 275678, 'final', 'logs', 2, 'ARCHIVING', 838, 1, 30, 0, 0),
	('replica', 9, 275678, 'final', 'logs', 2, 'UNVERIFIED', 838, -1, -30, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'RUNNING', 840, -2, 0, 0, 0),
	('file', 2, 275680, 'intermediate', 'mDST', 0, 'COMPLETE', 840, 2, 19812000, 49530, 0),
	('replica', 2, 275680, 'intermediate', 'mDST', 1, 'UNVERIFIED', 840, 2, 19812000, 0, 0),
	('file', 3, 275680, 'intermediate', 'hist', 0, 'COMPLETE', 840, 2, 990600, 49530, 0),
	('replica', 3, 275680, 'intermediate', 'hist', 1, 'UNVERIFIED', 840, 2, 990600, 0, 0),
	('file', 4, 275680, 'intermediate', 'evtdump', 0, 'COMPLETE', 840, 2, 17332000, 4952, 0),
	('replica', 4, 275680, 'intermediate', 'evtdump', 1, 'UNVERIFIED', 840, 2, 17332000, 0, 0),
	('file', 5, 275680, 'intermediate', 'logs', 0, 'COMPLETE', 840, 2, 20, 0, 2),
	('replica', 5, 275680, 'intermediate', 'logs', 1, 'UNVERIFIED', 840, 2, 20, 0, 0),
	('file', 1, 275680, 'raw', 'raw', 0, 'COMPLETE', 840, 0, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'DONE', 840, 2, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'ENDED', 840, 0, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'SUBMITTING', 848, 1, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'READY', 848, -1, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'RUNNING', 849, 1, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'SUBMITTING', 849, -1, 0, 0, 0),
	('replica', 9, 275678, 'final', 'logs', 2, 'AVAILABLE', 851, 1, 30, 0, 0),
	('replica', 9, 275678, 'final', 'logs', 2, 'ARCHIVING', 851, -1, -30, 0, 0),
	('group', 1, 275678, '', 'logs', 0, 'ARCHIVED', 852, 1, 30, 0, 0),
	('group', 1, 275678, '', 'logs', 0, 'CHECKED', 852, -1, -30, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'WAITING', 853, 1, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'RUNNING', 853, -1, 0, 0, 0),
	('job', 1, 275681, '', 'process', 0, 'READY', 859, 4, 0, 0, 0),
	('job', 1, 275681, '', 'process', 0, 'WAITING', 859, -4, 0, 0, 0),
	('job', 1, 275681, '', 'process', 0, 'RUNNING', 863, -4, 0, 0, 0),
	('file', 2, 275681, 'intermediate', 'mDST', 0, 'COMPLETE', 863, 4, 41556800, 103892, 0),
	('replica', 2, 275681, 'intermediate', 'mDST', 1, 'UNVERIFIED', 863, 4, 41556800, 0, 0),
	('file', 3, 275681, 'intermediate', 'hist', 0, 'COMPLETE', 863, 4, 2077840, 103892, 0),
	('replica', 3, 275681, 'intermediate', 'hist', 1, 'UNVERIFIED', 863, 4, 2077840, 0, 0),
	('file', 4, 275681, 'intermediate', 'evtdump', 0, 'COMPLETE', 863, 4, 36358000, 10388, 0),
	('replica', 4, 275681, 'intermediate', 'evtdump', 1, 'UNVERIFIED', 863, 4, 36358000, 0, 0),
	('file', 5, 275681, 'intermediate', 'logs', 0, 'COMPLETE', 863, 4, 40, 0, 4),
	('replica', 5, 275681, 'intermediate', 'logs', 1, 'UNVERIFIED', 863, 4, 40, 0, 0),
	('file', 1, 275681, 'raw', 'raw', 0, 'COMPLETE', 863, 0, 0, 0, 0),
	('job', 1, 275681, '', 'process', 0, 'DONE', 863, 4, 0, 0, 0),
	('job', 1, 275681, '', 'process', 0, 'ENDED', 863, 0, 0, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'WAITING', 872, 1, 0, 0, 0),
	('group', 1, 275681, '', 'mDST', 0, 'MERGING', 872, 1, 41556800, 0, 0),
	('group', 1, 275681, '', 'mDST', 0, 'PLANNED', 872, 0, 0, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'WAITING', 874, 1, 0, 0, 0),
	('group', 1, 275681, '', 'evtdump', 0, 'MERGING', 874, 1, 36358000, 0, 0),
	('group', 1, 275681, '', 'evtdump', 0, 'PLANNED', 874, 0, 0, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'READY', 878, 4, 0, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'WAITING', 878, -4, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'SUBMITTING', 883, 1, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'READY', 883, -1, 0, 0, 0),
	('job', 1, 275682, '', 'process', 0, 'SUBMITTING', 883, 1, 0, 0, 0),
	('job', 1, 275682, '', 'process', 0, 'READY', 883, -1, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'RUNNING', 884, 1, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'SUBMITTING', 884, -1, 0, 0, 0),
	('job', 1, 275682, '', 'process', 0, 'RUNNING', 884, 1, 0, 0, 0),
	('job', 1, 275682, '', 'process', 0, 'SUBMITTING', 884, -1, 0, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'RUNNING', 885, -4, 0, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'ENDED', 885, 0, 0, 0, 0),
	('replica', 5, 275680, 'intermediate', 'logs', 1, 'UNVERIFIED', 850, -2, -20, 0, 0),
	('replica', 4, 275680, 'intermediate', 'evtdump', 1, 'AVAILABLE', 850, 2, 17332000, 0, 0),
	('replica', 4, 275680, 'intermediate', 'evtdump', 1, 'UNVERIFIED', 850, -2, -17332000, 0, 0),
	('job', 1, 275681, '', 'process', 0, 'SUBMITTING', 860, 4, 0, 0, 0),
	('job', 1, 275681, '', 'process', 0, 'READY', 860, -4, 0, 0, 0),
	('job', 1, 275681, '', 'process', 0, 'RUNNING', 861, 4, 0, 0, 0),
	('job', 1, 275681, '', 'process', 0, 'SUBMITTING', 861, -4, 0, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'WAITING', 873, 1, 0, 0, 0),
	('group', 1, 275681, '', 'hist', 0, 'MERGING', 873, 1, 2077840, 0, 0),
	('group', 1, 275681, '', 'hist', 0, 'PLANNED', 873, 0, 0, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'WAITING', 875, 1, 0, 0, 0),
	('group', 1, 275681, '', 'logs', 0, 'MERGING', 875, 1, 40, 0, 0),
	('group', 1, 275681, '', 'logs', 0, 'PLANNED', 875, 0, 0, 0, 0),
	('replica', 5, 275681, 'intermediate', 'logs', 1, 'AVAILABLE', 876, 4, 40, 0, 0),
	('replica', 5, 275681, 'intermediate', 'logs', 1, 'UNVERIFIED', 876, -4, -40, 0, 0),
	('replica', 2, 275681, 'intermediate', 'mDST', 1, 'AVAILABLE', 876, 4, 41556800, 0, 0),
	('replica', 2, 275681, 'intermediate', 'mDST', 1, 'UNVERIFIED', 876, -4, -41556800, 0, 0),
	('replica', 4, 275681, 'intermediate', 'evtdump', 1, 'AVAILABLE', 876, 4, 36358000, 0, 0),
	('replica', 4, 275681, 'intermediate', 'evtdump', 1, 'UNVERIFIED', 876, -4, -36358000, 0, 0),
	('replica', 3, 275681, 'intermediate', 'hist', 1, 'AVAILABLE', 876, 4, 2077840, 0, 0),
	('replica', 3, 275681, 'intermediate', 'hist', 1, 'UNVERIFIED', 876, -4, -2077840, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'SUBMITTING', 879, 4, 0, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'READY', 879, -4, 0, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'RUNNING', 880, 4, 0, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'SUBMITTING', 880, -4, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'READY', 882, 1, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'WAITING', 882, -1, 0, 0, 0),
	('job', 1, 275682, '', 'process', 0, 'READY', 882, 3, 0, 0, 0),
	('job', 1, 275682, '', 'process', 0, 'WAITING', 882, -3, 0, 0, 0),
	('job', 1, 275682, '', 'process', 0, 'SUBMITTING', 890, 2, 0, 0, 0),
	('job', 1, 275682, '', 'process', 0, 'READY', 890, -2, 0, 0, 0),
	('job', 1, 275682, '', 'process', 0, 'RUNNING', 891, 2, 0, 0, 0),
	('job', 1, 275682, '', 'process', 0, 'SUBMITTING', 891, -2, 0, 0, 0),
	('replica', 9, 275681, 'final', 'logs', 2, 'ARCHIVING', 897, 1, 40, 0, 0),
	('replica', 9, 275681, 'final', 'logs', 2, 'UNVERIFIED', 897, -1, -40, 0, 0),
	('group', 1, 275678, '', 'evtdump', 0, 'CHECKED', 898, 1, 25392500, 0, 0),
	('group', 1, 275678, '', 'evtdump', 0, 'MISMATCHED', 898, -1, -25392500, 0, 0),
	('replica', 8, 275681, 'final', 'evtdump', 1, 'TRASHED', 899, 1, 36358000, 0, 0),
	('replica', 8, 275681, 'final', 'evtdump', 1, 'AVAILABLE', 899, -1, -36358000, 0, 0),
	('file', 8, 275681, 'final', 'evtdump', 0, 'COMPLETE', 899, -1, -36358000, -10387, 0),
	('group', 1, 275681, '', 'evtdump', 0, 'MERGING', 899, 1, 36358000, 0, 0),
	('group', 1, 275681, '', 'evtdump', 0, 'MISMATCHED', 899, -1, -36358000, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'WAITING', 899, 1, 0, 0, 0),
	('replica', 8, 275678, 'final', 'evtdump', 2, 'COPYING', 900, 1, 25392500, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'SUBMITTING', 902, 1, 0, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'READY', 902, -1, 0, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'RUNNING', 903, 1, 0, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'SUBMITTING', 903, -1, 0, 0, 0),
	('replica', 8, 275678, 'final', 'evtdump', 2, 'UNVERIFIED', 905, 1, 25392500, 0, 0),
	('replica', 8, 275678, 'final', 'evtdump', 2, 'COPYING', 905, -1, -25392500, 0, 0),
	('job', 1, 275682, '', 'process', 0, 'WAITING', 913, 1, 0, 0, 0),
	('job', 1, 275682, '', 'process', 0, 'RUNNING', 913, -1, 0, 0, 0),
	('job', 1, 275680, '', 'merge', 0, 'WAITING', 917, 1, 0, 0, 0),
	('group', 1, 275680, '', 'hist', 0, 'MERGING', 917, 1, 1983760, 0, 0),
	('group', 1, 275680, '', 'hist', 0, 'PLANNED', 917, 0, 0, 0, 0),
	('job', 1, 275680, '', 'merge', 0, 'WAITING', 919, 1, 0, 0, 0),
	('group', 1, 275680, '', 'logs', 0, 'MERGING', 919, 1, 40, 0, 0),
	('group', 1, 275680, '', 'logs', 0, 'PLANNED', 919, 0, 0, 0, 0),
	('replica', 2, 275680, 'intermediate', 'mDST', 1, 'AVAILABLE', 920, 1, 9375600, 0, 0),
	('replica', 2, 275680, 'intermediate', 'mDST', 1, 'UNVERIFIED', 920, -1, -9375600, 0, 0),
	('replica', 3, 275680, 'intermediate', 'hist', 1, 'AVAILABLE', 920, 1, 468780, 0, 0),
	('replica', 3, 275680, 'intermediate', 'hist', 1, 'UNVERIFIED', 920, -1, -468780, 0, 0),
	('replica', 4, 275680, 'intermediate', 'evtdump', 1, 'AVAILABLE', 920, 1, 8200500, 0, 0),
	('replica', 4, 275680, 'intermediate', 'evtdump', 1, 'UNVERIFIED', 920, -1, -8200500, 0, 0),
	('file', 6, 275681, 'final', 'mDST', 0, 'COMPLETE', 885, 1, 41556800, 103891, 0),
	('replica', 6, 275681, 'final', 'mDST', 1, 'UNVERIFIED', 885, 1, 41556800, 0, 0),
	('file', 7, 275681, 'final', 'hist', 0, 'COMPLETE', 885, 1, 2077840, 103891, 0),
	('replica', 7, 275681, 'final', 'hist', 1, 'UNVERIFIED', 885, 1, 2077840, 0, 0),
	('file', 8, 275681, 'final', 'evtdump', 0, 'COMPLETE', 885, 1, 36358000, 10387, 0),
	('replica', 8, 275681, 'final', 'evtdump', 1, 'UNVERIFIED', 885, 1, 36358000, 0, 0),
	('file', 9, 275681, 'final', 'logs', 0, 'COMPLETE', 885, 1, 40, 0, 1),
	('replica', 9, 275681, 'final', 'logs', 1, 'UNVERIFIED', 885, 1, 40, 0, 0),
	('group', 1, 275681, '', 'evtdump', 0, 'MERGED', 885, 1, 36358000, 0, 0),
	('group', 1, 275681, '', 'evtdump', 0, 'MERGING', 885, -1, -36358000, 0, 0),
	('group', 1, 275681, '', 'hist', 0, 'MERGED', 885, 1, 2077840, 0, 0),
	('group', 1, 275681, '', 'hist', 0, 'MERGING', 885, -1, -2077840, 0, 0),
	('group', 1, 275681, '', 'logs', 0, 'MERGED', 885, 1, 40, 0, 0),
	('group', 1, 275681, '', 'logs', 0, 'MERGING', 885, -1, -40, 0, 0),
	('group', 1, 275681, '', 'mDST', 0, 'MERGED', 885, 1, 41556800, 0, 0),
	('group', 1, 275681, '', 'mDST', 0, 'MERGING', 885, -1, -41556800, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'DONE', 885, 4, 0, 0, 0),
	('replica', 6, 275681, 'final', 'mDST', 1, 'AVAILABLE', 892, 1, 41556800, 0, 0),
	('replica', 6, 275681, 'final', 'mDST', 1, 'UNVERIFIED', 892, -1, -41556800, 0, 0),
	('replica', 7, 275681, 'final', 'hist', 1, 'AVAILABLE', 892, 1, 2077840, 0, 0),
	('replica', 7, 275681, 'final', 'hist', 1, 'UNVERIFIED', 892, -1, -2077840, 0, 0),
	('replica', 8, 275681, 'final', 'evtdump', 1, 'AVAILABLE', 892, 1, 36358000, 0, 0),
	('replica', 8, 275681, 'final', 'evtdump', 1, 'UNVERIFIED', 892, -1, -36358000, 0, 0),
	('replica', 9, 275681, 'final', 'logs', 1, 'AVAILABLE', 892, 1, 40, 0, 0),
	('replica', 9, 275681, 'final', 'logs', 1, 'UNVERIFIED', 892, -1, -40, 0, 0),
	('group', 1, 275681, '', 'logs', 0, 'CHECKED', 893, 1, 40, 0, 0),
	('group', 1, 275681, '', 'logs', 0, 'MERGED', 893, -1, -40, 0, 0),
	('group', 1, 275681, '', 'evtdump', 0, 'MISMATCHED', 893, 1, 36358000, 0, 0),
	('group', 1, 275681, '', 'evtdump', 0, 'MERGED', 893, -1, -36358000, 0, 0),
	('group', 1, 275681, '', 'hist', 0, 'MISMATCHED', 893, 1, 2077840, 0, 0),
	('group', 1, 275681, '', 'hist', 0, 'MERGED', 893, -1, -2077840, 0, 0),
	('group', 1, 275681, '', 'mDST', 0, 'MISMATCHED', 893, 1, 41556800, 0, 0),
	('group', 1, 275681, '', 'mDST', 0, 'MERGED', 893, -1, -41556800, 0, 0),
	('replica', 9, 275681, 'final', 'logs', 2, 'COPYING', 894, 1, 40, 0, 0),
	('replica', 9, 275681, 'final', 'logs', 2, 'UNVERIFIED', 896, 1, 40, 0, 0),
	('replica', 9, 275681, 'final', 'logs', 2, 'COPYING', 896, -1, -40, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'READY', 901, 1, 0, 0, 0),
	('job', 1, 275681, '', 'merge', 0, 'WAITING', 901, -1, 0, 0, 0),
	('replica', 8, 275678, 'final', 'evtdump', 2, 'ARCHIVING', 906, 1, 25392500, 0, 0),
	('replica', 8, 275678, 'final', 'evtdump', 2, 'UNVERIFIED', 906, -1, -25392500, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'RUNNING', 908, -1, 0, 0, 0),
	('file', 2, 275680, 'intermediate', 'mDST', 0, 'COMPLETE', 908, 1, 9375600, 23439, 0),
	('replica', 2, 275680, 'intermediate', 'mDST', 1, 'UNVERIFIED', 908, 1, 9375600, 0, 0),
	('file', 3, 275680, 'intermediate', 'hist', 0, 'COMPLETE', 908, 1, 468780, 23439, 0),
	('replica', 3, 275680, 'intermediate', 'hist', 1, 'UNVERIFIED', 908, 1, 468780, 0, 0),
	('file', 4, 275680, 'intermediate', 'evtdump', 0, 'COMPLETE', 908, 1, 8200500, 2343, 0),
	('replica', 4, 275680, 'intermediate', 'evtdump', 1, 'UNVERIFIED', 908, 1, 8200500, 0, 0),
	('file', 5, 275680, 'intermediate', 'logs', 0, 'COMPLETE', 908, 1, 10, 0, 1),
	('replica', 5, 275680, 'intermediate', 'logs', 1, 'UNVERIFIED', 908, 1, 10, 0, 0),
	('file', 1, 275680, 'raw', 'raw', 0, 'COMPLETE', 908, 0, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'DONE', 908, 1, 0, 0, 0),
	('job', 1, 275680, '', 'process', 0, 'ENDED', 908, 0, 0, 0, 0),
	('job', 1, 275680, '', 'merge', 0, 'WAITING', 916, 1, 0, 0, 0),
	('group', 1, 275680, '', 'mDST', 0, 'MERGING', 916, 1, 39675200, 0, 0),
	('group', 1, 275680, '', 'mDST', 0, 'PLANNED', 916, 0, 0, 0, 0),
	('job', 1, 275680, '', 'merge', 0, 'WAITING', 918, 1, 0, 0, 0),
	('group', 1, 275680, '', 'evtdump', 0, 'MERGING', 918, 1, 34706000, 0, 0),
	('group', 1, 275680, '', 'evtdump', 0, 'PLANNED', 918, 0, 0, 0, 0),
	('job', 1, 275680, '', 'merge', 0, 'SUBMITTING', 922, 3, 0, 0, 0),
	('job', 1, 275680, '', 'merge', 0, 'READY', 922, -3, 0, 0, 0);
INSERT INTO public.tally VALUES
	('job', 1, 275680, '', 'merge', 0, 'RUNNING', 923, 3, 0, 0, 0),
	('job', 1, 275680, '', 'merge', 0, 'SUBMITTING', 923, -3, 0, 0, 0),
	('replica', 8, 275678, 'final', 'evtdump', 2, 'AVAILABLE', 924, 1, 25392500, 0, 0),
	('replica', 8, 275678, 'final', 'evtdump', 2, 'ARCHIVING', 924, -1, -25392500, 0, 0),
	('replica', 9, 275681, 'final', 'logs', 2, 'AVAILABLE', 924, 1, 40, 0, 0),
	('replica', 5, 275680, 'intermediate', 'logs', 1, 'AVAILABLE', 920, 1, 10, 0, 0),
	('replica', 5, 275680, 'intermediate', 'logs', 1, 'UNVERIFIED', 920, -1, -10, 0, 0),
	('job', 1, 275680, '', 'merge', 0, 'READY', 921, 4, 0, 0, 0),
	('job', 1, 275680, '', 'merge', 0, 'WAITING', 921, -4, 0, 0, 0),
	('replica', 9, 275681, 'final', 'logs', 2, 'ARCHIVING', 924, -1, -40, 0, 0),
	('job', 1, 275682, '', 'process', 0, 'READY', 925, 1, 0, 0, 0),
	('job', 1, 275682, '', 'process', 0, 'WAITING', 925, -1, 0, 0, 0),
	('group', 1, 275678, '', 'evtdump', 0, 'ARCHIVED', 926, 1, 25392500, 0, 0),
	('group', 1, 275678, '', 'evtdump', 0, 'CHECKED', 926, -1, -25392500, 0, 0),
	('group', 1, 275681, '', 'logs', 0, 'ARCHIVED', 926, 1, 40, 0, 0),
	('group', 1, 275681, '', 'logs', 0, 'CHECKED', 926, -1, -40, 0, 0),
	('file', 10, 275678, 'raw', 'raw', 0, 'COMPLETE', 927, 4, 3385830000, 74537, 1),
	('replica', 10, 275678, 'raw', 'raw', 2, 'UNVERIFIED', 927, 4, 3385830000, 0, 0);
INSERT INTO public.task VALUES
	(1, 'P08', 1, '{"dataset": "2016/W14", "disk": "disk", "path": "generalprod/", "period": "P08", "phast": 7, "prod": "dvcs2016P08", "products": {"evtdump": {"archive_dir": "{tape}{path}oracle_dst/{soft}/mergedDump", "archive_to": "tape", "chunk_dir": "{eos}{path}{soft}/evtdump", "chunk_name": "evtdump{slot}-{chunk}-{run}.raw", "merged_dir": "{eos}{path}{soft}/mergedDump", "merged_name": "evtdump{slot}-{run}.raw{part}"}, "hist": {"archive_dir": "{tape}{path}oracle_dst/{soft}/histos", "archive_to": "tape", "chunk_dir": "{eos}{path}{soft}/TRAFDIC", "chunk_name": "{run}-{chunk}-{slot}.root", "merged_dir": "{eos}{path}{soft}/histos", "merged_name": "histsum-{run}-{slot}-{phast}.root{part}"}, "logs": {"archive_dir": "{tape}{path}oracle_dst/{soft}/logs", "archive_to": "tape", "chunk_dir": "{eos}{path}{soft}/logFiles", "chunk_name": "{prod}.{run}-{chunk}-{slot}.stdout.gz", "merged_dir": "{eos}{path}{soft}/logs", "merged_name": "{prod}.{run}.zip{part}"}, "mDST": {"archive_dir": "{tape}{path}oracle_dst/{soft}/mDST", "archive_to": "tape", "chunk_dir": "{eos}{path}{soft}/mDST.chunks", "chunk_name": "mDST-{run}-{chunk}-{slot}-{phast}.root", "merged_dir": "{eos}{path}{soft}/mDST", "merged_name": "mDST-{run}-{slot}-{phast}.root{part}"}}, "raw_name": "cdr{chunk}-{run}.raw", "slot": 0, "soft": "dvcs2016P08t1", "year": 2016}', '2016-08-01 00:00:00+00');
SELECT pg_catalog.setval('public.certificate_id_seq', 4, true);
SELECT pg_catalog.setval('public.cross_check_id_seq', 12, true);
SELECT pg_catalog.setval('public.dataset_id_seq', 11, true);
SELECT pg_catalog.setval('public.directory_id_seq', 10, true);
SELECT pg_catalog.setval('public.endpoint_id_seq', 2, true);
SELECT pg_catalog.setval('public.event_ask_id_seq', 1, false);
SELECT pg_catalog.setval('public.event_range_id_seq', 1, false);
SELECT pg_catalog.setval('public.file_id_seq', 96, true);
SELECT pg_catalog.setval('public.gap_id_seq', 1, true);
SELECT pg_catalog.setval('public.history_id_seq', 349, true);
SELECT pg_catalog.setval('public.item_id_seq', 46, true);
SELECT pg_catalog.setval('public.job_id_seq', 37, true);
SELECT pg_catalog.setval('public.merge_group_id_seq', 16, true);
SELECT pg_catalog.setval('public.meta_key_id_seq', 1, false);
SELECT pg_catalog.setval('public.owner_group_id_seq', 1, false);
SELECT pg_catalog.setval('public.pin_id_seq', 19, true);
SELECT pg_catalog.setval('public.replica_id_seq', 105, true);
SELECT pg_catalog.setval('public.request_id_seq', 11, true);
SELECT pg_catalog.setval('public.task_id_seq', 1, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.certificate
    ADD CONSTRAINT pk_certificate PRIMARY KEY (id);
ALTER TABLE ONLY public.certified
    ADD CONSTRAINT pk_certified PRIMARY KEY (replica_id);
ALTER TABLE ONLY public.cross_check
    ADD CONSTRAINT pk_cross_check PRIMARY KEY (id);
ALTER TABLE ONLY public.dataset
    ADD CONSTRAINT pk_dataset PRIMARY KEY (id);
ALTER TABLE ONLY public.dataset_meta
    ADD CONSTRAINT pk_dataset_meta PRIMARY KEY (dataset_id, key_id);
ALTER TABLE ONLY public.dataset_owner
    ADD CONSTRAINT pk_dataset_owner PRIMARY KEY (dataset_id);
ALTER TABLE ONLY public.dataset_parent
    ADD CONSTRAINT pk_dataset_parent PRIMARY KEY (dataset_id, parent_id);
ALTER TABLE ONLY public.dataset_version
    ADD CONSTRAINT pk_dataset_version PRIMARY KEY (dataset_id);
ALTER TABLE ONLY public.directory
    ADD CONSTRAINT pk_directory PRIMARY KEY (id);
ALTER TABLE ONLY public.endpoint
    ADD CONSTRAINT pk_endpoint PRIMARY KEY (id);
ALTER TABLE ONLY public.event_ask
    ADD CONSTRAINT pk_event_ask PRIMARY KEY (id);
ALTER TABLE ONLY public.event_count
    ADD CONSTRAINT pk_event_count PRIMARY KEY (file_id, witness);
ALTER TABLE ONLY public.event_range
    ADD CONSTRAINT pk_event_range PRIMARY KEY (id);
ALTER TABLE ONLY public.file
    ADD CONSTRAINT pk_file PRIMARY KEY (id);
ALTER TABLE ONLY public.file_meta
    ADD CONSTRAINT pk_file_meta PRIMARY KEY (file_id, key_id);
ALTER TABLE ONLY public.gap
    ADD CONSTRAINT pk_gap PRIMARY KEY (id);
ALTER TABLE ONLY public.heartbeat
    ADD CONSTRAINT pk_heartbeat PRIMARY KEY (range_id);
ALTER TABLE ONLY public.history
    ADD CONSTRAINT pk_history PRIMARY KEY (id);
ALTER TABLE ONLY public.item
    ADD CONSTRAINT pk_item PRIMARY KEY (id);
ALTER TABLE ONLY public.job
    ADD CONSTRAINT pk_job PRIMARY KEY (id);
ALTER TABLE ONLY public.job_input
    ADD CONSTRAINT pk_job_input PRIMARY KEY (job_id, "position");
ALTER TABLE ONLY public.member
    ADD CONSTRAINT pk_member PRIMARY KEY (group_id, "position");
ALTER TABLE ONLY public.merge_group
    ADD CONSTRAINT pk_merge_group PRIMARY KEY (id);
ALTER TABLE ONLY public.meta_key
    ADD CONSTRAINT pk_meta_key PRIMARY KEY (id);
ALTER TABLE ONLY public.owner_group
    ADD CONSTRAINT pk_owner_group PRIMARY KEY (id);
ALTER TABLE ONLY public.owner_member
    ADD CONSTRAINT pk_owner_member PRIMARY KEY (group_id, actor);
ALTER TABLE ONLY public.parent
    ADD CONSTRAINT pk_parent PRIMARY KEY (file_id, parent_id);
ALTER TABLE ONLY public.pin
    ADD CONSTRAINT pk_pin PRIMARY KEY (id);
ALTER TABLE ONLY public.replica
    ADD CONSTRAINT pk_replica PRIMARY KEY (id);
ALTER TABLE ONLY public.request
    ADD CONSTRAINT pk_request PRIMARY KEY (id);
ALTER TABLE ONLY public.tally
    ADD CONSTRAINT pk_tally PRIMARY KEY (noun, owner, run, role, product, place, state, shard);
ALTER TABLE ONLY public.task
    ADD CONSTRAINT pk_task PRIMARY KEY (id);
ALTER TABLE ONLY public.undefined_run
    ADD CONSTRAINT pk_undefined_run PRIMARY KEY (dataset_id, run);
ALTER TABLE ONLY public.certificate
    ADD CONSTRAINT uq_certificate_seal UNIQUE (seal);
ALTER TABLE ONLY public.cross_check
    ADD CONSTRAINT uq_cross_check_task_id_run_product UNIQUE (task_id, run, product);
ALTER TABLE ONLY public.dataset
    ADD CONSTRAINT uq_dataset_name UNIQUE (name);
ALTER TABLE ONLY public.dataset_version
    ADD CONSTRAINT uq_dataset_version_base_version UNIQUE (base, version);
ALTER TABLE ONLY public.dataset_version
    ADD CONSTRAINT uq_dataset_version_previous_id UNIQUE (previous_id);
ALTER TABLE ONLY public.directory
    ADD CONSTRAINT uq_directory_path UNIQUE (path);
ALTER TABLE ONLY public.endpoint
    ADD CONSTRAINT uq_endpoint_name UNIQUE (name);
ALTER TABLE ONLY public.event_ask
    ADD CONSTRAINT uq_event_ask_file_id_source UNIQUE (file_id, source);
ALTER TABLE ONLY public.gap
    ADD CONSTRAINT uq_gap_task_id_file_id UNIQUE (task_id, file_id);
ALTER TABLE ONLY public.meta_key
    ADD CONSTRAINT uq_meta_key_name UNIQUE (name);
ALTER TABLE ONLY public.owner_group
    ADD CONSTRAINT uq_owner_group_name UNIQUE (name);
ALTER TABLE ONLY public.request
    ADD CONSTRAINT uq_request_label UNIQUE (label);
ALTER TABLE ONLY public.task
    ADD CONSTRAINT uq_task_name UNIQUE (name);
CREATE INDEX ix_dataset_meta_int_value ON public.dataset_meta USING btree (key_id, int_value, dataset_id) WHERE (int_value IS NOT NULL);
CREATE INDEX ix_dataset_meta_real_value ON public.dataset_meta USING btree (key_id, real_value, dataset_id) WHERE (real_value IS NOT NULL);
CREATE INDEX ix_dataset_meta_text_value ON public.dataset_meta USING btree (key_id, text_value, dataset_id) WHERE (text_value IS NOT NULL);
CREATE INDEX ix_dataset_owner_group_id ON public.dataset_owner USING btree (group_id);
CREATE INDEX ix_dataset_parent_parent_id ON public.dataset_parent USING btree (parent_id);
CREATE INDEX ix_event_ask_source ON public.event_ask USING btree (source, state, next_try_at);
CREATE INDEX ix_event_range_file ON public.event_range USING btree (file_id, task_id, start);
CREATE INDEX ix_event_range_job_id ON public.event_range USING btree (job_id);
CREATE INDEX ix_event_range_state ON public.event_range USING btree (state);
CREATE INDEX ix_file_dataset_run ON public.file USING btree (dataset_id, run);
CREATE INDEX ix_file_meta_int_value ON public.file_meta USING btree (key_id, int_value, file_id) WHERE (int_value IS NOT NULL);
CREATE INDEX ix_file_meta_real_value ON public.file_meta USING btree (key_id, real_value, file_id) WHERE (real_value IS NOT NULL);
CREATE INDEX ix_file_meta_text_value ON public.file_meta USING btree (key_id, text_value, file_id) WHERE (text_value IS NOT NULL);
CREATE INDEX ix_history_at ON public.history USING btree (at);
CREATE INDEX ix_history_noun ON public.history USING btree (noun, noun_id, last_id);
CREATE INDEX ix_item_state ON public.item USING btree (state, kind, next_try_at, id);
CREATE INDEX ix_job_input_file_id ON public.job_input USING btree (file_id);
CREATE INDEX ix_job_merge_group_id ON public.job USING btree (merge_group_id);
CREATE INDEX ix_job_state ON public.job USING btree (state);
CREATE INDEX ix_job_task ON public.job USING btree (task_id, kind, run, state);
CREATE INDEX ix_member_file_id ON public.member USING btree (file_id);
CREATE INDEX ix_merge_group_output_id ON public.merge_group USING btree (output_id);
CREATE INDEX ix_merge_group_run ON public.merge_group USING btree (task_id, run, product);
CREATE INDEX ix_merge_group_state ON public.merge_group USING btree (state, task_id, product, run);
CREATE INDEX ix_parent_parent_id ON public.parent USING btree (parent_id);
CREATE INDEX ix_pin_state ON public.pin USING btree (state, until);
CREATE INDEX ix_replica_path ON public.replica USING btree (path) WHERE (path IS NOT NULL);
CREATE INDEX ix_replica_state ON public.replica USING btree (state, next_try_at);
CREATE UNIQUE INDEX uq_event_range_start ON public.event_range USING btree (task_id, file_id, start) WHERE (state <> 'VOID'::text);
CREATE UNIQUE INDEX uq_file_name ON public.file USING btree (directory_id, name) WHERE (retired_at IS NULL);
CREATE UNIQUE INDEX uq_item_live ON public.item USING btree (replica_id, kind, (
CASE
    WHEN (state = ANY (ARRAY['DONE'::text, 'FAILED'::text, 'CANCELED'::text])) THEN NULL::integer
    ELSE 0
END));
CREATE UNIQUE INDEX uq_job_label ON public.job USING btree (label);
CREATE UNIQUE INDEX uq_member_live ON public.member USING btree (file_id) WHERE live;
CREATE UNIQUE INDEX uq_merge_group_live ON public.merge_group USING btree (task_id, product, run, part) WHERE (state <> 'VOID'::text);
CREATE UNIQUE INDEX uq_pin_live ON public.pin USING btree (replica_id, (
CASE
    WHEN (state = ANY (ARRAY['ACTIVE'::text, 'RELEASING'::text])) THEN 0
    ELSE NULL::integer
END));
CREATE UNIQUE INDEX uq_replica_live ON public.replica USING btree (file_id, endpoint_id, (
CASE
    WHEN (state = 'DELETED'::text) THEN NULL::integer
    ELSE 0
END));
ALTER TABLE ONLY public.certified
    ADD CONSTRAINT fk_certified_certificate_id FOREIGN KEY (certificate_id) REFERENCES public.certificate(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.certified
    ADD CONSTRAINT fk_certified_replica_id FOREIGN KEY (replica_id) REFERENCES public.replica(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.cross_check
    ADD CONSTRAINT fk_cross_check_task_id FOREIGN KEY (task_id) REFERENCES public.task(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.dataset_meta
    ADD CONSTRAINT fk_dataset_meta_dataset_id FOREIGN KEY (dataset_id) REFERENCES public.dataset(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.dataset_meta
    ADD CONSTRAINT fk_dataset_meta_key_id FOREIGN KEY (key_id) REFERENCES public.meta_key(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.dataset_owner
    ADD CONSTRAINT fk_dataset_owner_dataset_id FOREIGN KEY (dataset_id) REFERENCES public.dataset(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.dataset_owner
    ADD CONSTRAINT fk_dataset_owner_group_id FOREIGN KEY (group_id) REFERENCES public.owner_group(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.dataset_parent
    ADD CONSTRAINT fk_dataset_parent_dataset_id FOREIGN KEY (dataset_id) REFERENCES public.dataset(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.dataset_parent
    ADD CONSTRAINT fk_dataset_parent_parent_id FOREIGN KEY (parent_id) REFERENCES public.dataset(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.dataset_version
    ADD CONSTRAINT fk_dataset_version_dataset_id FOREIGN KEY (dataset_id) REFERENCES public.dataset(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.dataset_version
    ADD CONSTRAINT fk_dataset_version_previous_id FOREIGN KEY (previous_id) REFERENCES public.dataset(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.event_ask
    ADD CONSTRAINT fk_event_ask_file_id FOREIGN KEY (file_id) REFERENCES public.file(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.event_count
    ADD CONSTRAINT fk_event_count_file_id FOREIGN KEY (file_id) REFERENCES public.file(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.event_range
    ADD CONSTRAINT fk_event_range_file_id FOREIGN KEY (file_id) REFERENCES public.file(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.event_range
    ADD CONSTRAINT fk_event_range_job_id FOREIGN KEY (job_id) REFERENCES public.job(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.event_range
    ADD CONSTRAINT fk_event_range_task_id FOREIGN KEY (task_id) REFERENCES public.task(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.file
    ADD CONSTRAINT fk_file_dataset_id FOREIGN KEY (dataset_id) REFERENCES public.dataset(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.file
    ADD CONSTRAINT fk_file_directory_id FOREIGN KEY (directory_id) REFERENCES public.directory(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.file_meta
    ADD CONSTRAINT fk_file_meta_file_id FOREIGN KEY (file_id) REFERENCES public.file(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.file_meta
    ADD CONSTRAINT fk_file_meta_key_id FOREIGN KEY (key_id) REFERENCES public.meta_key(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.gap
    ADD CONSTRAINT fk_gap_file_id FOREIGN KEY (file_id) REFERENCES public.file(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.gap
    ADD CONSTRAINT fk_gap_task_id FOREIGN KEY (task_id) REFERENCES public.task(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.heartbeat
    ADD CONSTRAINT fk_heartbeat_range_id FOREIGN KEY (range_id) REFERENCES public.event_range(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.item
    ADD CONSTRAINT fk_item_endpoint_id FOREIGN KEY (endpoint_id) REFERENCES public.endpoint(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.item
    ADD CONSTRAINT fk_item_replica_id FOREIGN KEY (replica_id) REFERENCES public.replica(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.item
    ADD CONSTRAINT fk_item_request_id FOREIGN KEY (request_id) REFERENCES public.request(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.item
    ADD CONSTRAINT fk_item_source_id FOREIGN KEY (source_id) REFERENCES public.replica(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.job_input
    ADD CONSTRAINT fk_job_input_file_id FOREIGN KEY (file_id) REFERENCES public.file(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.job_input
    ADD CONSTRAINT fk_job_input_job_id FOREIGN KEY (job_id) REFERENCES public.job(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.job
    ADD CONSTRAINT fk_job_merge_group_id FOREIGN KEY (merge_group_id) REFERENCES public.merge_group(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.job
    ADD CONSTRAINT fk_job_task_id FOREIGN KEY (task_id) REFERENCES public.task(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.member
    ADD CONSTRAINT fk_member_file_id FOREIGN KEY (file_id) REFERENCES public.file(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.member
    ADD CONSTRAINT fk_member_group_id FOREIGN KEY (group_id) REFERENCES public.merge_group(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.merge_group
    ADD CONSTRAINT fk_merge_group_output_id FOREIGN KEY (output_id) REFERENCES public.file(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.merge_group
    ADD CONSTRAINT fk_merge_group_task_id FOREIGN KEY (task_id) REFERENCES public.task(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.owner_member
    ADD CONSTRAINT fk_owner_member_group_id FOREIGN KEY (group_id) REFERENCES public.owner_group(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.parent
    ADD CONSTRAINT fk_parent_file_id FOREIGN KEY (file_id) REFERENCES public.file(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.parent
    ADD CONSTRAINT fk_parent_parent_id FOREIGN KEY (parent_id) REFERENCES public.file(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.pin
    ADD CONSTRAINT fk_pin_replica_id FOREIGN KEY (replica_id) REFERENCES public.replica(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.replica
    ADD CONSTRAINT fk_replica_endpoint_id FOREIGN KEY (endpoint_id) REFERENCES public.endpoint(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.replica
    ADD CONSTRAINT fk_replica_file_id FOREIGN KEY (file_id) REFERENCES public.file(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.request
    ADD CONSTRAINT fk_request_endpoint_id FOREIGN KEY (endpoint_id) REFERENCES public.endpoint(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.task
    ADD CONSTRAINT fk_task_dataset_id FOREIGN KEY (dataset_id) REFERENCES public.dataset(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.undefined_run
    ADD CONSTRAINT fk_undefined_run_dataset_id FOREIGN KEY (dataset_id) REFERENCES public.dataset(id) ON DELETE RESTRICT;
