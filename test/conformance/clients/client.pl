# Perl's DBD::mysql behind the line protocol of ../client-program.ts: opens, asks and closes as it is told, and says what
# its caller sees. The variant is `mysql_auto_reconnect`, 0 or 1.
#
# It must never know what a statement does, nor catch what the driver means its caller to see.
use strict;
use warnings;
use DBI;
use Digest::SHA;
use JSON::PP;

$| = 1;
my %connections;
# By connection and text.
my %statements;
my $json = JSON::PP->new->canonical;

# `$handle` is the statement's, the connection's, or before there is one DBI itself.
sub seen {
    my ($handle) = @_;
    my ($errno, $state, $message) =
        ref $handle ? ($handle->err, $handle->state, $handle->errstr) : ($DBI::err, $DBI::state, $DBI::errstr);
    return { error => { class => 'DBI', errno => $errno + 0, sqlState => $state, message => $message } };
}

sub connect_to {
    my ($key, $variant, $host, $port, $user, $password, $database) = @_;
    my $name = "DBI:mysql:host=$host;port=$port" . ($database eq '' ? '' : ";database=$database");
    $name .= ';mysql_local_infile=1' if $variant eq 'files';
    my $handle = DBI->connect($name, $user, $password, { PrintError => 0, RaiseError => 0 });
    return seen('DBI') unless $handle;
    $handle->{mysql_auto_reconnect} = $variant eq '1' ? 1 : 0;
    $connections{$key} = $handle;
    return {};
}

sub query {
    my ($key, $sql) = @_;
    my $statement = $connections{$key}->prepare($sql) or return seen($connections{$key});
    return executed($statement);
}

sub executed {
    my ($statement, @values) = @_;
    $statement->execute(@values) or return seen($statement);
    my $affected = $statement->rows + 0;
    return { rows => [], affected => $affected } unless $statement->{NUM_OF_FIELDS};
    my $rows = $statement->fetchall_arrayref;
    return seen($statement) if $statement->err;
    return { rows => [ map { [ map { defined $_ ? "$_" : undef } @$_ ] } @$rows ], affected => $affected };
}

# Prepared by the protocol, when it is first asked for; the driver would rather write the values into the text.
sub execute {
    my ($key, $sql, @values) = @_;
    my $by_protocol = { mysql_server_prepare => 1, mysql_server_prepare_disable_fallback => 1 };
    my $statement = $statements{$key}{$sql} ||= $connections{$key}->prepare($sql, $by_protocol);
    return seen($connections{$key}) unless $statement;
    return executed($statement, map { $_ eq '\N' ? undef : $_ } @values);
}

# Row by row: the driver keeps none of them.
sub large {
    my ($key, $sql) = @_;
    my $statement = $connections{$key}->prepare($sql, { mysql_use_result => 1 }) or return seen($connections{$key});
    $statement->execute or return seen($statement);
    my ($count, $bytes) = (0, Digest::SHA->new(256));
    while (my $row = $statement->fetchrow_arrayref) {
        $count += 1;
        $bytes->add($row->[0]);
    }
    return $statement->err ? seen($statement) : { rows => [ [ "$count", $bytes->hexdigest ] ] };
}

sub has {
    my ($key, $call) = @_;
    return { rows => [ [ $connections{$key}->can($call) ? 'yes' : 'no' ] ] };
}

sub close_it {
    my ($key) = @_;
    delete $statements{$key};
    my $handle = delete $connections{$key};
    $handle->disconnect if $handle;
    return {};
}

my %verbs = (
    connect => \&connect_to,
    query => \&query,
    execute => \&execute,
    large => \&large,
    has => \&has,
    close => \&close_it,
);

while (my $line = <STDIN>) {
    chomp $line;
    my ($verb, $key, @rest) = split /\t/, $line, -1;
    my $answer = $verbs{$verb}->($key, @rest);
    my $handle = $connections{$key};
    $answer->{session} = $handle ? $handle->{mysql_thread_id} + 0 : undef;
    print $json->encode($answer), "\n";
}
