# Perl's DBD::mysql behind the line protocol of ../client-program.ts: opens, asks and closes as it is told, and says what
# its caller sees. The variant is `mysql_auto_reconnect`, 0 or 1.
#
# It must never know what a statement does, nor catch what the driver means its caller to see.
use strict;
use warnings;
use DBI;
use JSON::PP;

$| = 1;
my %connections;
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
    my $handle = DBI->connect($name, $user, $password, { PrintError => 0, RaiseError => 0 });
    return seen('DBI') unless $handle;
    $handle->{mysql_auto_reconnect} = $variant + 0;
    $connections{$key} = $handle;
    return {};
}

sub query {
    my ($key, $sql) = @_;
    my $statement = $connections{$key}->prepare($sql) or return seen($connections{$key});
    $statement->execute or return seen($statement);
    return { rows => [] } unless $statement->{NUM_OF_FIELDS};
    my $rows = $statement->fetchall_arrayref;
    return $statement->err ? seen($statement) : { rows => [ map { [ map { defined $_ ? "$_" : undef } @$_ ] } @$rows ] };
}

sub close_it {
    my ($key) = @_;
    my $handle = delete $connections{$key};
    $handle->disconnect if $handle;
    return {};
}

my %verbs = (connect => \&connect_to, query => \&query, close => \&close_it);

while (my $line = <STDIN>) {
    chomp $line;
    my ($verb, $key, @rest) = split /\t/, $line, -1;
    my $answer = $verbs{$verb}->($key, @rest);
    my $handle = $connections{$key};
    $answer->{session} = $handle ? $handle->{mysql_thread_id} + 0 : undef;
    print $json->encode($answer), "\n";
}
